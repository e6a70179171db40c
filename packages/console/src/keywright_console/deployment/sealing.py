"""Keeps the deployment's private key in the database without showing it to whoever has the database alone.

All nodes share two things: the database, and the secret of the settings. The key lies in the one, sealed under the
other: a dump, a backup or a replica is not enough to speak for this server.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_BYTES = 16
NONCE_BYTES = 12  # AES-GCM's own; every sealing has a fresh salt, so no key meets a nonce twice
KEY_BYTES = 32
PURPOSE = b"keywright-console: the deployment's key, version 1"


class WrongSecretError(Exception):
    """It was sealed under another secret, for another deployment, or changed since."""


def seal(key: Ed25519PrivateKey, *, secret: str, deployment: bytes) -> bytes:
    """Salt, nonce and sealed key. `deployment` is its id: sealed for one, it opens for no other."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    return salt + nonce + _cipher(secret, salt).encrypt(nonce, key.private_bytes_raw(), deployment)


def unseal(sealed: bytes, *, secret: str, deployment: bytes) -> Ed25519PrivateKey:
    """The key. WrongSecretError: it can't be opened with this secret."""
    salt, nonce, kept = (
        sealed[:SALT_BYTES],
        sealed[SALT_BYTES : SALT_BYTES + NONCE_BYTES],
        sealed[SALT_BYTES + NONCE_BYTES :],
    )
    try:
        return Ed25519PrivateKey.from_private_bytes(_cipher(secret, salt).decrypt(nonce, kept, deployment))
    except (InvalidTag, ValueError):
        # Without the cause: what a cipher was fed has no place in a traceback.
        raise WrongSecretError from None


def _cipher(secret: str, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=PURPOSE).derive(secret.encode())
    return AESGCM(derived)
