"""A root key on a machine of its own: certifies what keywright keys rotate wrote, and signs bundles."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keywright_license import KeySigner, create_certificate, keys
from keywright_license.revocations import draft_bundle, sign_bundle
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.certify_key import certify_key
from keywright_portal.licensing.services.import_root import import_root
from keywright_portal.licensing.services.rotate_key import rotate_key

ACTOR = system("test")


@dataclass(frozen=True)
class OfflineRoot:
    key: keys.PrivateKey = field(default_factory=keys.generate_ed25519)

    @property
    def kid(self) -> str:
        return keys.thumbprint(self.key.public_key())

    @property
    def pem(self) -> bytes:
        return keys.public_key_to_pem(self.key.public_key())

    def certify(self, jwk, *, now: datetime, product=None, days=365, begins=timedelta(0), longest_term=None) -> str:
        return create_certificate(
            root_signer=KeySigner(self.key),
            root_kid=self.kid,
            key=keys.from_jwk(jwk),
            product=product,
            valid_from=now + begins,
            valid_until=now + timedelta(days=days),
            longest_term=longest_term,
            now=now,
        )

    def sign(self, draft, *, now: datetime) -> bytes:
        said = draft if isinstance(draft, dict) else json.loads(draft)
        return sign_bundle(draft_bundle(said, now=now), KeySigner(self.key), self.kid, None)

    def imported(self, *, now: datetime) -> OfflineRoot:
        import_root(public_key=self.pem, actor=ACTOR, now=now)
        return self

    def next_key(self, *, now: datetime, **limits):
        """A key that was rotated, certified and signs."""
        row = rotate_key(algorithm="Ed25519", actor=ACTOR, now=now)
        certificate = self.certify(row.public_jwk, now=now, **limits)
        return certify_key(certificate=certificate, takes_over=True, actor=ACTOR, now=now)
