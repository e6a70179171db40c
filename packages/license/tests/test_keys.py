import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forge import encode
from keywright_license import (
    KeyFormatError,
    from_jwk,
    generate_ed25519,
    private_key_from_pem,
    private_key_to_pem,
    public_key_to_pem,
    thumbprint,
    to_jwk,
)
from keywright_license.keys import public_keys_from_jwks, public_keys_from_pem

IDENTITY = (1).to_bytes(32, "little")
PASSPHRASE = b"correct horse"


def jwks(*keys):
    return json.dumps({"keys": list(keys)})


def test_the_thumbprint_of_rfc_8037_is_ours():
    # RFC 8037, appendices A.2 and A.3.
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(from_jwk(jwk)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_an_rsa_thumbprint_is_over_e_kty_n_in_that_order(rsa_key):
    numbers = rsa_key.public_key().public_numbers()
    n = base64.urlsafe_b64encode(numbers.n.to_bytes(256, "big")).rstrip(b"=").decode()
    by_hand = hashlib.sha256(f'{{"e":"AQAB","kty":"RSA","n":"{n}"}}'.encode()).digest()
    assert thumbprint(rsa_key.public_key()) == encode(by_hand).decode()


def test_keys_come_back_from_jwk_and_pem(rsa_key):
    for key in (generate_ed25519().public_key(), rsa_key.public_key()):
        assert from_jwk(to_jwk(key)) == key
        assert from_jwk({**to_jwk(key), "kid": "any", "use": "sig", "alg": "none"}) == key
        assert public_keys_from_pem(public_key_to_pem(key)) == [key]
        assert public_keys_from_pem(public_key_to_pem(key).decode()) == [key]
        assert public_keys_from_jwks(jwks(to_jwk(key))) == [key]


def test_several_keys_stand_in_one_pem_file_with_text_between(rsa_key):
    one, other = generate_ed25519().public_key(), rsa_key.public_key()
    text = (
        b"the root\n" + public_key_to_pem(one) + b"\nthe field's\r\n" + public_key_to_pem(other).replace(b"\n", b"\r\n")
    )
    assert public_keys_from_pem(text) == [one, other]


def test_private_keys_are_stored_encrypted_and_open_with_their_passphrase(rsa_key):
    for key in (generate_ed25519(), rsa_key):
        pem = private_key_to_pem(key, passphrase=PASSPHRASE)
        assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert private_key_from_pem(pem, passphrase=PASSPHRASE).public_key() == key.public_key()
        with pytest.raises(KeyFormatError, match="passphrase"):
            private_key_from_pem(pem, passphrase=b"wrong")


def test_a_private_key_is_never_stored_without_a_passphrase():
    with pytest.raises(ValueError, match="Password"):
        private_key_to_pem(generate_ed25519(), passphrase=b"")


def test_a_private_key_of_another_kind_is_not_opened():
    pem = private_key_to_pem(ec.generate_private_key(ec.SECP256R1()), passphrase=PASSPHRASE)
    with pytest.raises(KeyFormatError, match="Ed25519 or RSA"):
        private_key_from_pem(pem, passphrase=PASSPHRASE)


@pytest.mark.parametrize(
    ("jwk", "says"),
    [
        ({}, "must be an Ed25519 key"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "must be an Ed25519 key"),
        ({"kty": "OKP", "crv": "X25519", "x": encode(bytes(32)).decode()}, "must be an Ed25519 key"),
        ({"kty": "oct", "k": "AA"}, "must be an Ed25519 key"),
        ({"kty": "OKP", "crv": "Ed25519"}, "member x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": 5}, "member x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "Å"}, "member x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AQ=="}, "member x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AQ"}, "32 bytes"),
        ({"kty": "OKP", "crv": "Ed25519", "x": encode(IDENTITY).decode()}, "small order"),
        ({"kty": "OKP", "crv": "Ed25519", "x": encode(IDENTITY).decode(), "d": "AA"}, "private key"),
        ({"kty": "RSA", "n": "AQAB"}, "member e"),
        ({"kty": "RSA", "n": "AQAB", "e": "Ag"}, "cannot be used"),
        ({"kty": "RSA", "n": "", "e": "AQAB"}, "member n"),
    ],
)
def test_other_jwks_are_refused(jwk, says):
    with pytest.raises(KeyFormatError, match=says) as caught:
        from_jwk(jwk)
    assert caught.value.code == "bad_key"


def test_rsa_keys_of_other_sizes_are_refused():
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    with pytest.raises(KeyFormatError, match="2048 bits, this one has 1024"):
        from_jwk(to_jwk(small))
    with pytest.raises(KeyFormatError, match="2048 bits, this one has 1024"):
        public_keys_from_pem(public_key_to_pem(small))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{}",
        "[]",
        '{"keys": {}}',
        '{"keys": []}',
        '{"keys": [1]}',
        '{"keys": [], "keys": [1]}',
        "\ud800",
        "{" * 99999,
    ],
)
def test_what_is_no_jwk_set_is_refused(data):
    with pytest.raises(KeyFormatError, match="JWK set"):
        public_keys_from_jwks(data)


def test_more_keys_than_a_product_pins_are_refused():
    jwk = to_jwk(generate_ed25519().public_key())
    assert len(public_keys_from_jwks(jwks(*[jwk] * 64))) == 64
    with pytest.raises(KeyFormatError, match="65 keys"):
        public_keys_from_jwks(jwks(*[jwk] * 65))
    pem = public_key_to_pem(generate_ed25519().public_key())
    with pytest.raises(KeyFormatError, match="65 keys"):
        public_keys_from_pem(pem * 65)


@pytest.mark.parametrize("data", [b"", b"garbage", b"-----BEGIN PUBLIC KEY-----", b"\xff" * 100])
def test_what_is_no_pem_is_refused(data):
    with pytest.raises(KeyFormatError, match="no PEM file"):
        public_keys_from_pem(data)


def test_other_pem_blocks_are_refused():
    private = private_key_to_pem(generate_ed25519(), passphrase=PASSPHRASE)
    with pytest.raises(KeyFormatError, match="private key"):
        public_keys_from_pem(private)
    broken = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    with pytest.raises(KeyFormatError, match="no public key"):
        public_keys_from_pem(broken)
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(KeyFormatError, match="Ed25519 or RSA"):
        public_keys_from_pem(curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    weak = Ed25519PublicKey.from_public_bytes(IDENTITY)
    with pytest.raises(KeyFormatError, match="small order"):
        public_keys_from_pem(public_key_to_pem(weak))
