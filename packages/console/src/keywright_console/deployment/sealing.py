"""The deployment's private key in the database: see `kit.sealing`."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keywright_console.kit import sealing
from keywright_console.kit.sealing import WrongSecretError

PURPOSE = b"keywright-console: the deployment's key, version 1"


def seal(key: Ed25519PrivateKey, *, secret: str, deployment: bytes) -> bytes:
    """The sealed key. `deployment` is its id: sealed for one, it opens for no other."""
    return sealing.seal(key.private_bytes_raw(), secret=secret, purpose=PURPOSE, owner=deployment)


def unseal(sealed: bytes, *, secret: str, deployment: bytes) -> Ed25519PrivateKey:
    """The key. WrongSecretError: it can't be opened with this secret."""
    data = sealing.unseal(sealed, secret=secret, purpose=PURPOSE, owner=deployment)
    try:
        return Ed25519PrivateKey.from_private_bytes(data)
    except ValueError:
        raise WrongSecretError from None
