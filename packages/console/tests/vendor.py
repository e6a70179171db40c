"""A throw-away vendor: keys made at run time, and any license that a test needs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keywright_license import (
    Deployments,
    Format,
    KeySigner,
    License,
    Organization,
    TrustedKeys,
    create_certificate,
    generate_ed25519,
    generate_rsa,
    sign_keywright,
    sign_mattermost,
    zbase32,
)

PRODUCT = "enterprise-edition"
E10 = frozenset({"ldap", "saml", "mfa", "guest_accounts"})
E20 = E10 | {"cluster", "compliance", "data_retention"}
NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
START = NOON.replace(hour=0)
DAY = timedelta(days=1)
NAMES = {"E10": "Enterprise Edition E10", "E20": "Enterprise Edition E20"}


@dataclass
class Vendor:
    product: str = PRODUCT
    root: object = field(default_factory=generate_ed25519)
    issuing: object = field(default_factory=generate_ed25519)
    rsa: object = field(default_factory=generate_rsa)

    def __post_init__(self):
        root_signer = KeySigner(self.root)
        self.signer = KeySigner(self.issuing, self.rsa)
        self.issuing_kid, self.rsa_kid = self.signer.kids
        self.certificate = create_certificate(
            root_signer=root_signer,
            root_kid=root_signer.kids[0],
            key=self.issuing.public_key(),
            product=None,
            valid_from=NOON - 3000 * DAY,
            valid_until=NOON + 3000 * DAY,
            now=NOON - 3000 * DAY,
        )

    def publish(self, path: Path) -> Path:
        """The file that a product pins."""
        keys = TrustedKeys.from_public_keys([self.root.public_key(), self.rsa.public_key()])
        path.write_text(keys.to_jwks())
        return path

    def license(
        self,
        *,
        seats=250,
        plan="E20",
        starts=START,
        days=365,
        features=None,
        company="Brightwater Logistics GmbH",
        product=None,
        other_deployments=4,
        kind=Format.KEYWRIGHT,
    ) -> License:
        return License(
            id=zbase32.encode(uuid.uuid4()),
            issuer="Example Software",
            product=product or self.product,
            subscription="sub-1",
            issued_at=min(starts, NOON),
            starts_at=starts,
            expires_at=starts + days * DAY + timedelta(hours=12),
            plan=plan,
            plan_name=NAMES[plan],
            seats=seats,
            features=features if features is not None else (E20 if plan == "E20" else E10),
            deployments=Deployments(production=1, non_production=other_deployments),
            organization=Organization(id="org-1", name=company, email="it@brightwater.example"),
            format=kind,
        )

    def file(self, license_=None, **claims) -> bytes:
        """The license's file, in Keywright's format unless `kind` says otherwise."""
        one = license_ or self.license(**claims)
        if one.format is Format.MATTERMOST:
            return sign_mattermost(one, signer=self.signer, kid=self.rsa_kid)
        return sign_keywright(one, signer=self.signer, kid=self.issuing_kid, certificate=self.certificate)
