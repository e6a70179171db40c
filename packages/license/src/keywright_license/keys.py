"""Keys and their spellings: PEM, JWK (RFC 7517, 8037), thumbprints (RFC 7638).

Two kinds exist: Ed25519 for Keywright's format, RSA-2048 for Mattermost's. All that touches RSA, or the serialisation
that drags it in, is imported late: a product that verifies Keywright's format never pays for it.
"""
# ruff: noqa: PLC0415  # the late imports are this module's promise

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keywright_license._internal import base64url, ed25519_points, strict_json
from keywright_license.errors import KeyFormatError, MalformedError
from keywright_license.limits import MAX_FILE_BYTES, MAX_TRUSTED_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    PublicKey = Ed25519PublicKey | RSAPublicKey
    PrivateKey = Ed25519PrivateKey | RSAPrivateKey

# The format says RSA-2048: the signature is the last 256 bytes.
RSA_BITS = 2048
_RSA_EXPONENT = 65537

_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


def generate_ed25519() -> Ed25519PrivateKey:
    """A new root, issuing or deployment key."""
    return Ed25519PrivateKey.generate()


def generate_rsa() -> RSAPrivateKey:
    """A new key for Mattermost's format."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=_RSA_EXPONENT, key_size=RSA_BITS)


def check_public_key(key: PublicKey) -> None:
    """KeyFormatError: an Ed25519 key that proves nothing, or an RSA key of another size than the format's."""
    if isinstance(key, Ed25519PublicKey):
        ed25519_points.check(key.public_bytes_raw())
    elif key.key_size != RSA_BITS:
        msg = f"An RSA key for this format has {RSA_BITS} bits, this one has {key.key_size}. Take another key."
        raise KeyFormatError(msg)


def to_jwk(key: PublicKey) -> dict[str, str]:
    """The required members alone, as a thumbprint and a certificate want them."""
    if isinstance(key, Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(key.public_bytes_raw()).decode()}
    numbers = key.public_numbers()
    return {"e": _encode_integer(numbers.e), "kty": "RSA", "n": _encode_integer(numbers.n)}


def from_jwk(jwk: Mapping[str, object]) -> PublicKey:
    """The key; members that a thumbprint leaves out (`kid`, `use`, `alg`, …) decide nothing.

    KeyFormatError: another kind of key, a private one, or one that `check_public_key` refuses.
    """
    if "d" in jwk:
        raise KeyFormatError("This JWK is a private key. Give the public one, and keep this one secret.")
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return ed25519_from_octets(_octets(jwk, "x"))
        case "RSA", None:
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

            numbers = RSAPublicNumbers(
                e=int.from_bytes(_octets(jwk, "e"), "big"), n=int.from_bytes(_octets(jwk, "n"), "big")
            )
            try:
                key = numbers.public_key()
            except ValueError as error:
                msg = f"The RSA key cannot be used: {error}. Take another key."
                raise KeyFormatError(msg) from None
            check_public_key(key)
            return key
        case _:
            raise KeyFormatError("A JWK must be an Ed25519 key (kty OKP) or an RSA key. Take another key.")


def ed25519_from_octets(octets: bytes) -> Ed25519PublicKey:
    """KeyFormatError: `ed25519_points.check` refuses them."""
    ed25519_points.check(octets)
    return Ed25519PublicKey.from_public_bytes(octets)


def thumbprint(key: PublicKey) -> str:
    """RFC 7638 with SHA-256: what `kid` says in every header."""
    # to_jwk gives the required members in the order of their names, and base64url needs no escapes.
    return base64url.encode(sha256(strict_json.dumps(to_jwk(key))).digest()).decode()


def public_keys_from_jwks(data: bytes | str) -> list[PublicKey]:
    """The keys of a JWK set. KeyFormatError: no JWK set, or one of its keys is refused."""
    try:
        octets = data.encode() if isinstance(data, str) else data
        found = strict_json.loads(octets[: MAX_FILE_BYTES + 1]).get("keys")
    except (MalformedError, UnicodeEncodeError):
        found = None
    if not isinstance(found, list) or not found:
        raise KeyFormatError("This is no JWK set: it must be JSON with a list `keys` that is not empty.")
    _check_number(len(found))
    keys = []
    for jwk in found:
        if not isinstance(jwk, dict):
            raise KeyFormatError("A key of the JWK set is no JSON object.")
        keys.append(from_jwk(jwk))
    return keys


def public_keys_from_pem(data: bytes | str) -> list[PublicKey]:
    """The public keys that stand in a PEM text one after the other. KeyFormatError: none, or one of them is refused."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    octets = data.encode("utf-8", "replace") if isinstance(data, str) else data
    keys: list[PublicKey] = []
    for block in _PEM_BLOCK.finditer(octets[: MAX_FILE_BYTES + 1]):
        if b"PRIVATE" in block[1]:
            raise KeyFormatError("This PEM file holds a private key. Give the public one, and keep this one secret.")
        try:
            key = load_pem_public_key(block[0] + b"\n")
        except (ValueError, UnsupportedAlgorithm):
            raise KeyFormatError("This PEM file holds something that is no public key. Take another file.") from None
        if not isinstance(key, Ed25519PublicKey | RSAPublicKey):
            raise KeyFormatError("A key must be Ed25519 or RSA. Take another key.")
        check_public_key(key)
        keys.append(key)
    if not keys:
        raise KeyFormatError("This is no PEM file with a public key. Take another file.")
    _check_number(len(keys))
    return keys


def public_key_to_pem(key: PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_key_to_pem(key: PrivateKey, *, passphrase: bytes) -> bytes:
    """PKCS#8, always encrypted. ValueError: an empty passphrase."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))


def private_key_from_pem(data: bytes, *, passphrase: bytes) -> PrivateKey:
    """KeyFormatError: not such a file, another passphrase, or another kind of key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFormatError("The private key cannot be opened: check the file and its passphrase.") from None
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise KeyFormatError("A key must be Ed25519 or RSA. Take another key.")
    return key


def _encode_integer(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


def _octets(jwk: Mapping[str, object], member: str) -> bytes:
    text = jwk.get(member)
    try:
        return base64url.decode(text.encode() if isinstance(text, str) and text else b"=")
    except (UnicodeEncodeError, MalformedError):
        msg = f"The member {member} of the JWK is missing or no base64url. Take another key."
        raise KeyFormatError(msg) from None


def _check_number(number: int) -> None:
    if number > MAX_TRUSTED_KEYS:
        msg = f"There are {number} keys in one file; at most {MAX_TRUSTED_KEYS} are read. Drop those no longer in use."
        raise KeyFormatError(msg)
