"""From one key to the next: rotate, certify, activate, retire, revoke."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_license import TrustedKeys, keys, verify
from keywright_portal.catalog.models import Product
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.errors import (
    CannotSignError,
    CertificateRefusedError,
    KeysExistError,
    KeyStateError,
    NoSigningKeyError,
    UnknownKeyError,
)
from keywright_portal.licensing.issuing_keys import issuing_key
from keywright_portal.licensing.key_states import NEXT, KeyEvent
from keywright_portal.licensing.models import KeyState, LicenseFile, RootKey, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.activate_key import activate_key
from keywright_portal.licensing.services.certify_key import certify_key
from keywright_portal.licensing.services.import_root import import_root
from keywright_portal.licensing.services.retire_key import retire_key
from keywright_portal.licensing.services.revoke_key import revoke_key, revoke_root
from keywright_portal.licensing.services.rotate_key import rotate_key
from offline_root import ACTOR, OfflineRoot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
DAY = timedelta(days=1)


@pytest.fixture
def root(signing_keys, now):
    return OfflineRoot().imported(now=now)


@pytest.fixture
def first(signing_keys):
    """The Ed25519 key with which the installation began."""
    return SigningKey.objects.get(algorithm="Ed25519", state="active")


def states():
    return dict(SigningKey.objects.filter(algorithm="Ed25519").values_list("kid", "state"))


def product():
    return Product.objects.order_by("position", "pk").values_list("code", flat=True)[0]


# ---- Rotation --------------------------------------------------------------------------------------------------------


def test_a_rotated_key_waits_and_the_one_before_goes_on(first, issue, now):
    row = rotate_key(algorithm="Ed25519", actor=ACTOR, now=now)
    assert states() == {first.kid: "active", row.kid: "waiting"}
    assert issue()[0].kid == first.kid
    assert AuditEntry.objects.filter(action="key.created", subject_id=row.kid).count() == 1


def test_with_its_certificate_it_takes_over_and_old_licenses_verify_on(root, first, issue, make_term, now):
    term = make_term()
    old = issue(term)[0]
    second = root.next_key(now=now)
    assert states() == {first.kid: "retired", second.kid: "active"}
    new = issue(term, seats=250)[0]
    assert (old.kid, new.kid) == (first.kid, second.kid)
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())
    later = now + 800 * DAY  # both certificates are long over
    for file in LicenseFile.objects.filter(format="keywright"):
        assert verify(bytes(file.content), keys=pinned, now=later).seats == file.seats
    assert list(
        AuditEntry.objects.filter(subject_id__in=[first.kid, second.kid], action__startswith="key.")
        .exclude(action="key.created")
        .values_list("action", "subject_id")
    ) == [("key.certified", second.kid), ("key.retired", first.kid), ("key.activated", second.kid)]


def test_what_a_certificate_says_stands_beside_the_key(root, catalog, now):
    second = root.next_key(now=now, product=product(), days=90, longest_term=400 * DAY)
    second.refresh_from_db()
    assert (second.product, second.root_kid, second.longest_term) == (product(), root.kid, 400 * 86_400)
    assert (second.valid_from, second.valid_until) == (now, now + 90 * DAY)
    assert second.activated_at == now


def test_a_certificate_may_come_first_and_the_key_take_over_later(root, first, now):
    row = rotate_key(algorithm="Ed25519", actor=ACTOR, now=now)
    line = root.certify(row.public_jwk, now=now, begins=2 * DAY)
    certify_key(certificate=line, takes_over=False, actor=ACTOR, now=now)
    assert states()[row.kid] == "waiting"
    with pytest.raises(KeyStateError, match="holds from 2026-03-14 09:30 until"):
        activate_key(kid=row.kid, actor=ACTOR, now=now)
    activate_key(kid=row.kid, actor=ACTOR, now=now + 2 * DAY)
    assert states() == {first.kid: "retired", row.kid: "active"}


def test_a_certificate_that_does_not_hold_yet_is_not_taken_over(root, first, now):
    row = rotate_key(algorithm="Ed25519", actor=ACTOR, now=now)
    with pytest.raises(KeyStateError):
        certify_key(
            certificate=root.certify(row.public_jwk, now=now, begins=DAY), takes_over=True, actor=ACTOR, now=now
        )
    row.refresh_from_db()
    assert (row.state, row.certificate, states()[first.kid]) == ("waiting", "", "active")


def test_a_key_that_signs_gets_a_longer_certificate(root, now):
    second = root.next_key(now=now, days=30)
    certify_key(certificate=root.certify(second.public_jwk, now=now, days=300), takes_over=True, actor=ACTOR, now=now)
    second.refresh_from_db()
    assert (second.state, second.valid_until) == ("active", now + 300 * DAY)


def test_a_rotation_is_taken_back_by_activating_the_key_before(root, first, issue, now):
    second = root.next_key(now=now)
    activate_key(kid=first.kid, actor=ACTOR, now=now)
    assert states() == {first.kid: "active", second.kid: "retired"}
    first.refresh_from_db()
    assert first.retired_at is None
    assert issue()[0].kid == first.kid


def test_an_rsa_key_is_announced_before_it_signs(signing_keys, issue, now):
    old = SigningKey.objects.get(algorithm="RS512")
    row = rotate_key(algorithm="RS512", actor=ACTOR, now=now)
    assert {old.kid, row.kid} <= {key for key in trusted_keys_jwks().split('"') if len(key) == 43}
    assert issue()[1].kid == old.kid
    activate_key(kid=row.kid, actor=ACTOR, now=now)
    assert issue()[1].kid == row.kid
    old.refresh_from_db()
    assert (old.state, old.retired_at) == ("retired", now)


# ---- Limits ----------------------------------------------------------------------------------------------------------


def test_a_key_for_one_product_signs_beside_the_one_for_all(root, catalog, first, now):
    other = Product.objects.create(code="other", name="Other", formats=["keywright"], position=9)
    own = root.next_key(now=now, product=product())
    assert states() == {first.kid: "active", own.kid: "active"}
    assert issuing_key(product=product(), now=now).kid == own.kid
    assert issuing_key(product=other.code, now=now).kid == first.kid


def test_a_license_longer_than_the_certificate_allows_is_not_signed(root, issue, make_term, now):
    root.next_key(now=now, longest_term=100 * DAY)
    with pytest.raises(CannotSignError, match="runs longer than the key"):
        issue(make_term())


def test_after_its_certificates_end_a_key_signs_nothing_and_the_error_names_it(root, issue, now):
    second = root.next_key(now=now, days=30)
    with pytest.raises(NoSigningKeyError, match=f"certificate of the signing key {second.kid} doesn’t hold now"):
        issue(at=now + 30 * DAY)


# ---- Refused ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(now):
    return rotate_key(algorithm="Ed25519", actor=ACTOR, now=now)


def refused(certificate, error, match, now):
    before = list(SigningKey.objects.order_by("pk").values())
    with pytest.raises(error, match=match):
        certify_key(certificate=certificate, takes_over=True, actor=ACTOR, now=now)
    assert list(SigningKey.objects.order_by("pk").values()) == before


def test_a_certificate_of_a_stranger_is_refused(waiting, now):
    refused(OfflineRoot().certify(waiting.public_jwk, now=now), CertificateRefusedError, "root key", now)


def test_a_certificate_for_a_key_that_is_not_here_is_refused(root, now):
    jwk = keys.to_jwk(keys.generate_ed25519().public_key())
    refused(root.certify(jwk, now=now), NoSigningKeyError, "isn’t here", now)


def test_a_certificate_for_a_product_that_nobody_sells_is_refused(root, catalog, waiting, now):
    line = root.certify(waiting.public_jwk, now=now, product="no-such")
    refused(line, CertificateRefusedError, "no-such", now)


def test_a_key_that_signs_is_not_moved_to_another_product(root, catalog, now):
    second = root.next_key(now=now)
    line = root.certify(second.public_jwk, now=now, product=product())
    refused(line, CertificateRefusedError, "signs already", now)


def test_a_retired_key_gets_no_certificate(root, waiting, now):
    retire_key(kid=waiting.kid, even_if_active=False, actor=ACTOR, now=now)
    refused(root.certify(waiting.public_jwk, now=now), CertificateRefusedError, "waits for a certificate", now)


@pytest.mark.parametrize("line", ["", "nonsense", "a.b.c", "ä.ö.ü", "x" * 70_000])
def test_what_is_no_certificate_is_refused(line, now):
    refused(line, CertificateRefusedError, "^The certificate is refused: ", now)


def test_a_key_without_a_certificate_does_not_sign(waiting, now):
    with pytest.raises(KeyStateError, match="keywright keys certify"):
        activate_key(kid=waiting.kid, actor=ACTOR, now=now)


def test_a_key_whose_private_side_is_away_does_not_take_over(root, settings, waiting, now):
    certify_key(certificate=root.certify(waiting.public_jwk, now=now), takes_over=False, actor=ACTOR, now=now)
    (settings.KEYS_DIR / f"{waiting.kid}.pem").unlink()
    with pytest.raises(NoSigningKeyError, match="Bring it back"):
        activate_key(kid=waiting.kid, actor=ACTOR, now=now)
    assert states()[waiting.kid] == "waiting"


@pytest.mark.parametrize("act", [activate_key, retire_key, revoke_key])
def test_an_unknown_key_is_named(act, now):
    more = {} if act is activate_key else {"even_if_active": False}
    with pytest.raises(UnknownKeyError, match="no-such"):
        act(kid="no-such", actor=ACTOR, now=now, **more)


# ---- States ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", KeyState)
@pytest.mark.parametrize("event", KeyEvent)
def test_each_event_is_allowed_or_refused_by_the_table(root, waiting, state, event, now):
    certify_key(certificate=root.certify(waiting.public_jwk, now=now), takes_over=False, actor=ACTOR, now=now)
    # In the place of the first key, which would have to give way.
    SigningKey.objects.filter(algorithm="Ed25519").exclude(pk=waiting.pk).update(state="retired")
    SigningKey.objects.filter(pk=waiting.pk).update(state=state)
    act = {
        KeyEvent.ACTIVATE: lambda: activate_key(kid=waiting.kid, actor=ACTOR, now=now),
        KeyEvent.RETIRE: lambda: retire_key(kid=waiting.kid, even_if_active=True, actor=ACTOR, now=now),
        KeyEvent.REVOKE: lambda: revoke_key(kid=waiting.kid, even_if_active=True, actor=ACTOR, now=now),
    }[event]
    if (state, event) in NEXT:
        assert act().state == NEXT[state, event]
    else:
        with pytest.raises(KeyStateError):
            act()
    waiting.refresh_from_db()
    assert waiting.state == NEXT.get((state, event), state)


def test_nothing_leads_out_of_revoked():
    assert [state for state, _event in NEXT if state == KeyState.REVOKED] == []


@pytest.mark.parametrize("act", [retire_key, revoke_key])
def test_the_key_that_signs_is_kept_unless_one_insists(first, issue, act, now):
    with pytest.raises(KeyStateError, match="--even-if-active"):
        act(kid=first.kid, even_if_active=False, actor=ACTOR, now=now)
    assert states() == {first.kid: "active"}
    act(kid=first.kid, even_if_active=True, actor=ACTOR, now=now)
    with pytest.raises(NoSigningKeyError):
        issue()


# ---- Roots -----------------------------------------------------------------------------------------------------------


def test_a_root_is_added_once_and_pinned_by_products(now):
    root = OfflineRoot()
    row = import_root(public_key=root.pem, actor=ACTOR, now=now)
    assert row.kid == root.kid
    assert root.kid in trusted_keys_jwks()
    with pytest.raises(KeysExistError):
        import_root(public_key=root.pem, actor=ACTOR, now=now)
    assert RootKey.objects.filter(pk=root.kid).count() == 1
    assert AuditEntry.objects.filter(action="root.imported", subject_id=root.kid).count() == 1


def test_what_is_no_root_is_not_added(first, now):
    rsa = keys.public_key_to_pem(keys.generate_rsa().public_key())
    two = OfflineRoot().pem + OfflineRoot().pem
    private = keys.private_key_to_pem(keys.generate_ed25519(), passphrase=b"x")
    issuing = keys.public_key_to_pem(keys.from_jwk(first.public_jwk))
    for given, error in (
        (rsa, UnknownKeyError),
        (two, UnknownKeyError),
        (private, UnknownKeyError),
        (b"", UnknownKeyError),
        (issuing, KeyStateError),
    ):
        with pytest.raises(error):
            import_root(public_key=given, actor=ACTOR, now=now)
    assert RootKey.objects.count() == 1


def test_a_revoked_root_vouches_for_nothing_more(root, first, waiting, now):
    revoke_root(kid=root.kid, actor=ACTOR, now=now)
    assert root.kid not in trusted_keys_jwks()
    refused(root.certify(waiting.public_jwk, now=now), CertificateRefusedError, "root", now)
    with pytest.raises(KeyStateError, match="revoked before"):
        revoke_root(kid=root.kid, actor=ACTOR, now=now)


def test_a_root_whose_key_signs_is_not_revoked_and_one_whose_key_is_retired_brings_it_back_no_more(root, first, now):
    second = root.next_key(now=now)
    with pytest.raises(KeyStateError, match="another root first"):
        revoke_root(kid=root.kid, actor=ACTOR, now=now)
    activate_key(kid=first.kid, actor=system("test"), now=now)
    revoke_root(kid=root.kid, actor=ACTOR, now=now)
    with pytest.raises(KeyStateError, match="root that certified"):
        activate_key(kid=second.kid, actor=ACTOR, now=now)
