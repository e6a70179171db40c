"""Keys on a PKCS #11 token, here SoftHSM."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import traceback
from datetime import timedelta

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512
from pkcs11 import Attribute, ObjectClass

from keywright_license import TrustedKeys, keys, verify
from keywright_portal.kit.errors import ConfigurationError
from keywright_portal.licensing import signing
from keywright_portal.licensing.errors import KeyStateError, NoSigningKeyError
from keywright_portal.licensing.models import RevocationBundle, RootKey, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.activate_key import activate_key
from keywright_portal.licensing.services.create_keys import create_keys
from keywright_portal.licensing.services.publish_bundle import publish_bundle
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license
from keywright_portal.licensing.services.rotate_key import rotate_key
from keywright_portal.licensing.signing.pkcs11_token import Pkcs11Token
from offline_root import ACTOR, OfflineRoot
from soft_token import PIN, make_token

ALGORITHMS = ("Ed25519", "RS512")


@pytest.fixture(scope="session")
def soft_token(tmp_path_factory):
    return make_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def token(soft_token):
    opened = Pkcs11Token(module=soft_token.module, label=soft_token.label, pin=PIN)
    yield opened
    opened._close()


@pytest.fixture
def on_token(soft_token, settings, tmp_path):
    """The portal's keys are on the token, and there are none in files."""
    settings.KEYS_DIR = tmp_path / "never"
    settings.SIGNER = "pkcs11"
    settings.PKCS11_MODULE, settings.PKCS11_LABEL, settings.PKCS11_PIN_SECRET = soft_token.module, soft_token.label, PIN
    signing.signer.cache_clear()
    yield
    signing.signer()._close()
    signing.signer.cache_clear()
    assert not settings.KEYS_DIR.exists()


def check(public, signature, data):
    if len(signature) == 64:
        public.verify(signature, data)
    else:
        public.verify(signature, data, PKCS1v15(), SHA512())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_is_made_on_the_token_signs_there(token, algorithm):
    public = token.generate(algorithm)
    kid = keys.thumbprint(public)
    assert token.holds(kid)
    check(public, token.sign(kid, b"data"), b"data")


def test_of_many_keys_each_signs_under_its_own_name(token):
    made = [token.generate(algorithm) for algorithm in ALGORITHMS * 3]
    for public in made:
        check(public, token.sign(keys.thumbprint(public), b"data"), b"data")


def test_keys_are_found_again_by_another_session(soft_token, token):
    public = token.generate("Ed25519")
    again = Pkcs11Token(module=soft_token.module, label=soft_token.label, pin=PIN)
    check(public, again.sign(keys.thumbprint(public), b"data"), b"data")
    again._close()


def test_private_keys_can_not_be_taken_off_the_token(soft_token, token):
    for algorithm in ALGORITHMS:
        token.generate(algorithm)
    privates = list(token._opened().get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    assert privates
    for private in privates:
        assert (private[Attribute.SENSITIVE], private[Attribute.EXTRACTABLE]) == (True, False)
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            private[Attribute.VALUE if private.key_type is pkcs11.KeyType.EC_EDWARDS else Attribute.PRIVATE_EXPONENT]


def test_a_key_that_is_not_there_is_named(token):
    assert not token.holds("no-such")
    with pytest.raises(NoSigningKeyError, match="no-such isn’t on the token"):
        token.sign("no-such", b"data")


@pytest.mark.parametrize(
    "wrong",
    [{"pin": "wrong-pin"}, {"label": "no-such-token"}, {"module": "no-such-driver.so"}],
    ids=["pin", "label", "module"],
)
def test_a_token_that_does_not_open_says_which_settings_to_look_at_and_no_pin(soft_token, wrong):
    given = {"module": soft_token.module, "label": soft_token.label, "pin": PIN, **wrong}
    with pytest.raises(ConfigurationError, match="KEYWRIGHT_PKCS11_MODULE, KEYWRIGHT_PKCS11_LABEL") as refused:
        Pkcs11Token(**given).sign("kid", b"data")
    assert given["pin"] not in str(refused.value)
    frames = traceback.TracebackException.from_exception(refused.value, capture_locals=True).stack
    ours = [frame for frame in frames if "keywright_portal" in frame.filename]
    assert [frame.name for frame in ours] == ["sign", "_sign", "_find", "_opened"]
    assert given["pin"] not in str([frame.locals for frame in ours])
    assert (refused.value.__cause__, refused.value.__context__) == (None, None)


def test_a_session_that_was_lost_is_opened_again(token):
    public = token.generate("Ed25519")
    kid = keys.thumbprint(public)
    token.sign(kid, b"one")
    token._session.close()
    check(public, token.sign(kid, b"two"), b"two")


def test_many_threads_share_the_token(token):
    public = token.generate("Ed25519")
    kid, signed = keys.thumbprint(public), {}

    def sign(number):
        signed[number] = token.sign(kid, b"%d" % number)

    threads = [threading.Thread(target=sign, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(signed) == 24
    for number, signature in signed.items():
        check(public, signature, b"%d" % number)


def test_a_process_that_was_forked_signs_too(token):
    public = token.generate("Ed25519")
    kid = keys.thumbprint(public)
    token.sign(kid, b"before")
    here, there = multiprocessing.get_context("fork").Pipe()
    child = os.fork()
    if child == 0:
        try:
            there.send(token.sign(kid, b"forked"))
        finally:
            os._exit(0)
    assert here.poll(30)
    check(public, here.recv(), b"forked")
    os.waitpid(child, 0)
    check(public, token.sign(kid, b"after"), b"after")


@pytest.mark.django_db
def test_a_whole_installation_lives_on_the_token(on_token, catalog, issue, now):
    root = OfflineRoot().imported(now=now)
    ed = root.next_key(now=now)
    rsa = rotate_key(algorithm="RS512", actor=ACTOR, now=now)
    activate_key(kid=rsa.kid, actor=ACTOR, now=now)
    files = issue()
    assert [file.kid for file in files] == [ed.kid, rsa.kid]
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())
    for file in files:
        assert verify(bytes(file.content), keys=pinned, now=now).seats == 200
    revoke_license(grant_id=files[0].grant_id, because=RevokedBecause.REFUNDED, actor=ACTOR, now=now)
    publish_bundle(product="enterprise-edition", actor=ACTOR, now=now + timedelta(days=1))
    assert RevocationBundle.objects.get().kid == ed.kid


@pytest.mark.django_db
def test_no_root_is_made_beside_a_token(on_token, now):
    with pytest.raises(KeyStateError, match="keywright-license root create"):
        create_keys(actor=ACTOR, now=now)
    assert (RootKey.objects.count(), SigningKey.objects.count()) == (0, 0)


def test_without_the_package_the_setting_says_what_to_install(settings, monkeypatch):
    settings.SIGNER = "pkcs11"
    for name in ("pkcs11", "keywright_portal.licensing.signing.pkcs11_token"):
        monkeypatch.setitem(sys.modules, name, None)
    signing.signer.cache_clear()
    with pytest.raises(ConfigurationError, match=r"Install keywright-portal\[pkcs11\]"):
        signing.signer()
