import json
import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forge import NOW, Vendor, make_license
from keywright_license import (
    BadSignatureError,
    KeyFormatError,
    KeySigner,
    RevokedKeyError,
    TrustedKeys,
    UnknownKeyError,
    public_key_to_pem,
    sign_mattermost,
    thumbprint,
    verify,
)
from keywright_license._internal import jws


@pytest.fixture
def verifications(monkeypatch):
    """Counts the Ed25519 signatures that are checked."""
    checked = []
    real = jws.check_signature

    def counting(segments, key):
        checked.append(key)
        return real(segments, key)

    monkeypatch.setattr(jws, "check_signature", counting)
    return checked


def fresh(vendor, **changes):
    return TrustedKeys(roots=(vendor.root.public_key(),), **changes)


def test_the_second_license_costs_one_signature(vendor, verifications):
    keys = fresh(vendor)
    verify(vendor.file(), keys=keys, now=NOW)
    assert len(verifications) == 2
    verify(vendor.file(), keys=keys, now=NOW)
    assert len(verifications) == 3


def test_a_certificate_that_does_not_verify_is_not_remembered(vendor, verifications):
    keys = fresh(vendor)
    forged = vendor.file(certificate=vendor.certificate_line(key=Vendor().root))
    for _ in range(2):
        with pytest.raises(BadSignatureError):
            verify(forged, keys=keys, now=NOW)
    assert len(verifications) == 2


def test_at_most_64_certificates_are_remembered(vendor):
    keys = fresh(vendor)
    for days in range(70):
        certificate = vendor.certify(valid_until=NOW + timedelta(days=1 + days)).encode()
        verify(vendor.file(certificate=certificate), keys=keys, now=NOW)
    assert len(keys._memory) == 64


def test_threads_share_one_memory(vendor):
    keys = fresh(vendor)
    files = [
        vendor.file(certificate=vendor.certify(valid_until=NOW + timedelta(days=1 + days)).encode())
        for days in range(80)
    ]
    seen = []

    def work():
        seen.extend(verify(data, keys=keys, now=NOW).seats for data in files)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [50] * 320
    assert len(keys._memory) == 64


@pytest.mark.parametrize("which", ["kid", "root_kid"])
def test_a_revocation_holds_from_its_time_on_even_for_a_remembered_certificate(vendor, which):
    keys = fresh(vendor, revoked={getattr(vendor, which): NOW})
    data = vendor.file()
    assert verify(data, keys=keys, now=NOW - timedelta(microseconds=1)).seats == 50
    with pytest.raises(RevokedKeyError) as caught:
        verify(data, keys=keys, now=NOW)
    assert caught.value.code == "revoked_key"


def test_a_revoked_rsa_key_is_revoked(rsa_key, rsa_kid):
    data = sign_mattermost(make_license(), signer=KeySigner(rsa_key), kid=rsa_kid)
    keys = TrustedKeys(mattermost=(rsa_key.public_key(),), revoked={rsa_kid: NOW})
    assert verify(data, keys=keys, now=NOW - timedelta(seconds=1)).seats == 50
    with pytest.raises(RevokedKeyError):
        verify(data, keys=keys, now=NOW)


def test_without_a_key_of_its_format_a_file_is_of_an_unknown_key(vendor, rsa_key, rsa_kid):
    with pytest.raises(UnknownKeyError, match="root key that is not known"):
        verify(vendor.file(), keys=TrustedKeys(mattermost=(rsa_key.public_key(),)), now=NOW)
    data = sign_mattermost(make_license(), signer=KeySigner(rsa_key), kid=rsa_kid)
    with pytest.raises(UnknownKeyError, match="Mattermost's format"):
        verify(data, keys=vendor.keys, now=NOW)


def test_pinned_keys_come_back_from_their_jwk_set(vendor, rsa_key, rsa_kid):
    keys = TrustedKeys(roots=[vendor.root.public_key()], mattermost=[rsa_key.public_key()])
    text = keys.to_jwks()
    assert TrustedKeys.from_jwks(text) == TrustedKeys.from_key_file(b"\n " + text.encode()) == keys
    said = json.loads(text)["keys"]
    assert [(key["kty"], key["kid"], key["alg"], key["use"]) for key in said] == [
        ("OKP", vendor.root_kid, "EdDSA", "sig"),
        ("RSA", rsa_kid, "RS512", "sig"),
    ]


def test_a_key_file_may_be_pem(vendor, rsa_key):
    pem = public_key_to_pem(rsa_key.public_key()) + public_key_to_pem(vendor.root.public_key())
    keys = TrustedKeys.from_key_file(pem)
    assert keys.roots == (vendor.root.public_key(),)
    assert keys.mattermost == (rsa_key.public_key(),)
    assert TrustedKeys.from_pem(pem.decode()) == keys


def test_a_root_of_small_order_is_never_pinned():
    with pytest.raises(KeyFormatError, match="small order"):
        TrustedKeys(roots=(Ed25519PublicKey.from_public_bytes(bytes(32)),))


def test_revocations_given_cannot_be_changed_from_outside(vendor):
    revoked = {}
    keys = fresh(vendor, revoked=revoked)
    revoked[vendor.kid] = NOW
    assert verify(vendor.file(), keys=keys, now=NOW).seats == 50


def test_each_of_several_roots_is_trusted(vendor):
    other = Vendor()
    keys = TrustedKeys(roots=(other.root.public_key(), vendor.root.public_key()))
    assert verify(vendor.file(), keys=keys, now=NOW) == verify(other.file(), keys=keys, now=NOW)
    assert thumbprint(other.root.public_key()) == other.root_kid
