"""The keys that a product pins, and the certificates that they have vouched for since the process began."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keywright_license import keys
from keywright_license._internal import strict_json
from keywright_license._internal.certificate import Certificate, CertificateMemory, verify_certificate
from keywright_license.errors import RevokedKeyError, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from keywright_license.keys import PublicKey
    from keywright_license.revocations import RevocationBundle


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Pinned root keys (Ed25519), pinned keys of Mattermost's format (RSA-2048), and which keys are revoked from when
    on.

    Make it once a process and keep it: it remembers the certificates that it verified. Safe between threads.
    KeyFormatError: one of the keys proves nothing or is of another size.
    """

    roots: tuple[Ed25519PublicKey, ...] = ()
    mattermost: tuple[RSAPublicKey, ...] = ()
    revoked: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    _roots_by_kid: Mapping[str, Ed25519PublicKey] = field(init=False, repr=False, compare=False)
    _memory: CertificateMemory = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", tuple(self.roots))
        object.__setattr__(self, "mattermost", tuple(self.mattermost))
        every: tuple[PublicKey, ...] = (*self.roots, *self.mattermost)
        for key in every:
            keys.check_public_key(key)
        object.__setattr__(self, "revoked", MappingProxyType(dict(self.revoked)))
        object.__setattr__(self, "_roots_by_kid", {keys.thumbprint(key): key for key in self.roots})
        object.__setattr__(self, "_memory", CertificateMemory())

    @classmethod
    def from_public_keys(
        cls, public_keys: Iterable[PublicKey], *, revoked: Mapping[str, datetime] | None = None
    ) -> Self:
        """Each key to its place: Ed25519 is a root, RSA is of Mattermost's format."""
        roots: list[Ed25519PublicKey] = []
        mattermost: list[RSAPublicKey] = []
        for key in public_keys:
            if isinstance(key, Ed25519PublicKey):
                roots.append(key)
            else:
                mattermost.append(key)
        return cls(roots=tuple(roots), mattermost=tuple(mattermost), revoked=revoked or {})

    @classmethod
    def from_pem(cls, data: bytes | str) -> Self:
        """One or more PEM public keys. KeyFormatError."""
        return cls.from_public_keys(keys.public_keys_from_pem(data))

    @classmethod
    def from_jwks(cls, data: bytes | str) -> Self:
        """A JWK set. KeyFormatError."""
        return cls.from_public_keys(keys.public_keys_from_jwks(data))

    @classmethod
    def from_key_file(cls, data: bytes) -> Self:
        """Whichever of the two it is. KeyFormatError."""
        return cls.from_jwks(data) if data.lstrip().startswith(b"{") else cls.from_pem(data)

    def to_jwks(self) -> str:
        """The pinned keys as a JWK set; what is revoked stands in revocation bundles, not here."""
        said: list[dict[str, str]] = [
            {**keys.to_jwk(key), "kid": keys.thumbprint(key), "use": "sig", "alg": alg}
            for alg, group in (("EdDSA", self.roots), ("RS512", self.mattermost))
            for key in group
        ]
        return strict_json.dumps({"keys": said}).decode()

    def certificate(self, line: bytes, *, now: datetime) -> Certificate:
        """The certificate that this line is, verified now or before.

        RevokedKeyError: its key or its root is revoked at `now`; else as `verify_certificate`.
        """
        certificate = self._memory.get(line)
        if certificate is None:
            certificate = verify_certificate(line, roots=self._roots_by_kid)
            self._memory.remember(line, certificate)
        if self.revoked:
            self.check_not_revoked(certificate.root_kid, now=now)
            self.check_not_revoked(certificate.kid, now=now)
        return certificate

    def root(self, kid: str, *, now: datetime) -> Ed25519PublicKey:
        """The pinned root of this name. UnknownKeyError: there is none; RevokedKeyError."""
        root = self._roots_by_kid.get(kid)
        if root is None:
            raise UnknownKeyError(
                "The file comes from a root key that is not known here. "
                "Check that the file is from the vendor of this product."
            )
        self.check_not_revoked(kid, now=now)
        return root

    def with_bundle(self, bundle: RevocationBundle) -> Self:
        """These keys, those apart that the bundle revokes as well; of two times the earlier counts.

        A key once revoked stays so, whatever later bundles say. `read_bundle` leaves keys in a bundle only where a
        root signed it; those of an issuing key could otherwise revoke their successors.
        """
        revoked = dict(self.revoked)
        for kid, at in bundle.revoked_keys.items():
            revoked[kid] = min(at, revoked.get(kid, at))
        made = replace(self, revoked=revoked)
        object.__setattr__(made, "_memory", self._memory)  # what a root vouched for doesn't depend on what is revoked
        return made

    def check_not_revoked(self, kid: str, *, now: datetime) -> None:
        """RevokedKeyError: from `now` or earlier on."""
        revoked_at = self.revoked.get(kid)
        if revoked_at is not None and revoked_at <= now:
            raise RevokedKeyError(
                "The vendor has withdrawn the key that signed this file. Ask the vendor for a new file."
            )
