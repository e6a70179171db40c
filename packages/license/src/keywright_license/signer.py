"""Who signs. The library asks for a signature by the key's name and never needs to see a private key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keywright_license import keys
from keywright_license.errors import SigningError

if TYPE_CHECKING:
    from keywright_license.keys import PrivateKey


class Signer(Protocol):
    """An encrypted file, a PKCS#11 token, a service: whatever can sign."""

    def sign(self, kid: str, data: bytes) -> bytes:
        """An Ed25519 key answers with 64 bytes, an RSA key with 256 (PKCS#1 v1.5, SHA-512)."""
        ...


class KeySigner:
    """Signs with private keys that the process holds."""

    def __init__(self, *private_keys: PrivateKey) -> None:
        self._keys = {keys.thumbprint(key.public_key()): key for key in private_keys}

    @property
    def kids(self) -> tuple[str, ...]:
        """The thumbprints, in the order of the keys."""
        return tuple(self._keys)

    def sign(self, kid: str, data: bytes) -> bytes:
        """SigningError: no such key here."""
        key = self._keys.get(kid)
        if key is None:
            msg = f"There is no private key {kid} here. Load it, or sign with another."
            raise SigningError(msg)
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(data)
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415  # RSA is imported late
        from cryptography.hazmat.primitives.hashes import SHA512  # noqa: PLC0415  # the same

        return key.sign(data, PKCS1v15(), SHA512())
