"""The deployment's key: made once, the same on every node, and readable by nobody who has the database alone."""

import logging
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deployment_acts import activated
from keywright_console.deployment.errors import SealedKeyError
from keywright_console.deployment.models import Activation, DeploymentKey, State
from keywright_console.deployment.sealing import seal, unseal
from keywright_console.deployment.services.hold_key import hold_key, public_key, replace_key
from keywright_console.kit.actor import MEMBER, SHELL, Actor
from keywright_console.kit.errors import NotAllowedError, NotConfiguredError
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation
from keywright_console.kit.models import AuditRow
from keywright_console.kit.sealing import WrongSecretError
from vendor import NOON


def test_it_is_made_at_the_first_need_and_stays(db):
    assert public_key() is None
    first, second = hold_key(now=NOON), hold_key(now=NOON)
    assert first.key.private_bytes_raw() == second.key.private_bytes_raw()
    assert first.deployment == letters(installation(now=NOON).deployment_id)
    assert public_key() == first.key.public_key()
    assert DeploymentKey.objects.count() == 1


def test_the_database_alone_does_not_show_it(db):
    raw = hold_key(now=NOON).key.private_bytes_raw()
    row = DeploymentKey.objects.get()
    assert raw not in bytes(row.sealed)
    assert raw.hex() not in bytes(row.sealed).hex()


@pytest.mark.parametrize(("secret", "deployment"), [("another", b"this"), ("secret", b"other"), ("", b"this")])
def test_it_opens_with_the_secret_it_was_sealed_under_alone(secret, deployment):
    key = Ed25519PrivateKey.generate()
    sealed = seal(key, secret="secret", deployment=b"this")
    assert unseal(sealed, secret="secret", deployment=b"this").private_bytes_raw() == key.private_bytes_raw()
    with pytest.raises(WrongSecretError):
        unseal(sealed, secret=secret, deployment=deployment)


def test_a_changed_byte_opens_nothing():
    sealed = bytearray(seal(Ed25519PrivateKey.generate(), secret="secret", deployment=b"this"))
    for position in (0, 16, 30, len(sealed) - 1):
        changed = sealed.copy()
        changed[position] ^= 1
        with pytest.raises(WrongSecretError):
            unseal(bytes(changed), secret="secret", deployment=b"this")


def test_another_secret_says_what_to_do(db, settings):
    raw = hold_key(now=NOON).key.private_bytes_raw()
    settings.SECRET_KEY = "another-secret-of-fifty-characters-or-so-for-this-test"
    with pytest.raises(SealedKeyError, match="deployment new-key") as raised:
        hold_key(now=NOON)
    assert raw.hex() not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__cause__ is None


def test_without_a_secret_the_setting_is_named(db, settings):
    settings.SECRET_KEY = ""
    with pytest.raises(NotConfiguredError, match="KEYWRIGHT_CONSOLE_SECRET_KEY"):
        hold_key(now=NOON)
    assert not DeploymentKey.objects.exists()


def test_a_new_key_ends_the_places_of_the_old(db, vendor, portal, settings):
    activated(vendor)
    old = hold_key(now=NOON)
    settings.SECRET_KEY = "another-secret-of-fifty-characters-or-so-for-this-test"
    new = replace_key(actor=SHELL, now=NOON)
    assert new.thumbprint != old.thumbprint
    assert hold_key(now=NOON).thumbprint == new.thumbprint
    assert Activation.objects.get().state == State.LOST
    row = AuditRow.objects.get(action="deployment.key_replaced")
    assert (row.before, row.after) == ({"key": old.thumbprint}, {"key": new.thumbprint})


def test_a_member_makes_no_new_key(db):
    hold_key(now=NOON)
    before = DeploymentKey.objects.values().get()
    with pytest.raises(NotAllowedError):
        replace_key(actor=Actor(kind="user", id="x", permissions=MEMBER), now=NOON)
    assert DeploymentKey.objects.values().get() == before


def test_nothing_that_is_logged_or_audited_holds_it(db, vendor, portal, caplog):
    with caplog.at_level(logging.DEBUG):
        activated(vendor)
        raw = hold_key(now=NOON).key.private_bytes_raw()
    everything = caplog.text + str(list(AuditRow.objects.values())) + repr(hold_key(now=NOON))
    assert raw.hex() not in everything
    assert repr(raw)[2:-1] not in everything
    assert raw not in b"".join(str(one).encode("latin-1", "replace") for one in portal.heard)
