"""What a place of private keys can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from keywright_license.keys import PublicKey

Algorithm = Literal["Ed25519", "RS512"]


class KeyStore(Protocol):
    """A Signer of the license library that also makes keys. No method gives a private key out."""

    def generate(self, algorithm: Algorithm) -> PublicKey:
        """Make a key that `sign` finds from then on by its thumbprint, and keep it for good. Its public side."""
        ...

    def holds(self, kid: str) -> bool:
        """Whether the private key is here."""
        ...

    def sign(self, kid: str, data: bytes) -> bytes:
        """Ed25519 (64 bytes), or PKCS #1 v1.5 with SHA-512 where `kid` names an RSA key (256 bytes).

        NoSigningKeyError: it isn't here, or can't be used now.
        """
        ...
