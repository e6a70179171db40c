"""Sound artifacts other than licenses, each made from a few words that a test changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forge import LICENSE_ID, NOW, OLDER_ID, PRODUCT, Vendor
from keywright_license import thumbprint, zbase32
from keywright_license.activation import (
    Activation,
    ActivationRequest,
    DeploymentKind,
    Release,
    license_digest,
    sign_activation,
    sign_release,
    sign_request,
)
from keywright_license.revocations import RevocationBundle, RevocationReason, RevokedLicense, sign_bundle
from keywright_license.usage import UsageReport, sign_report


def identity(number: int) -> str:
    return zbase32.encode(number.to_bytes(16, "big"))


DEPLOYMENT, REQUEST, ACTIVATION, RELEASE = map(identity, (1, 2, 3, 4))
A_MINUTE_AGO = NOW - timedelta(minutes=1)


@dataclass
class Server:
    """A deployment and its key, and the vendor it speaks to."""

    vendor: Vendor = field(default_factory=Vendor)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def kid(self) -> str:
        return thumbprint(self.key.public_key())

    def bundle(self, **changes) -> RevocationBundle:
        said = {
            "issuer": "Example Software",
            "product": PRODUCT,
            "issued_at": A_MINUTE_AGO,
            "seq": 7,
            "revoked_licenses": {
                OLDER_ID: RevokedLicense(at=NOW - timedelta(days=1), reason=RevocationReason.SUPERSEDED)
            },
        }
        return RevocationBundle(**(said | changes))

    def bundle_file(self, **changes) -> bytes:
        vendor = self.vendor
        return sign_bundle(self.bundle(**changes), vendor.signer, vendor.kid, vendor.certificate)

    def request(self, **changes) -> ActivationRequest:
        said = {
            "id": REQUEST,
            "issued_at": A_MINUTE_AGO,
            "product": PRODUCT,
            "license_id": LICENSE_ID,
            "license_sha256": license_digest(b"a.b.c\nd.e.f\n"),
            "deployment": DEPLOYMENT,
            "kind": DeploymentKind.PRODUCTION,
            "key": self.key.public_key(),
            "name": "chat.northwind.example",
            "version": "11.1.0",
        }
        return ActivationRequest(**(said | changes))

    def request_file(self, **changes) -> bytes:
        return sign_request(self.request(**changes), self.key)

    def activation(self, **changes) -> Activation:
        said = {
            "id": ACTIVATION,
            "issuer": "Example Software",
            "issued_at": A_MINUTE_AGO,
            "product": PRODUCT,
            "subscription": "sub-0001",
            "request": REQUEST,
            "license_id": LICENSE_ID,
            "deployment": DEPLOYMENT,
            "kind": DeploymentKind.PRODUCTION,
            "key": self.kid,
        }
        return Activation(**(said | changes))

    def activation_file(self, **changes) -> bytes:
        vendor = self.vendor
        return sign_activation(
            self.activation(**changes), signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate
        )

    def release(self, **changes) -> Release:
        said = {
            "id": RELEASE,
            "issued_at": A_MINUTE_AGO,
            "product": PRODUCT,
            "subscription": "sub-0001",
            "deployment": DEPLOYMENT,
            "activation": ACTIVATION,
        }
        return Release(**(said | changes))

    def release_file(self, **changes) -> bytes:
        return sign_release(self.release(**changes), self.key)

    def report(self, **changes) -> UsageReport:
        said = {
            "id": identity(5),
            "issued_at": A_MINUTE_AGO,
            "subscription": "sub-0001",
            "deployment": DEPLOYMENT,
            "license_id": LICENSE_ID,
            "seq": 1,
            "previous": None,
            "active_users": 41,
            "deactivated_users": 6,
            "bots": 2,
            "peak_active_users": 44,
            "since": NOW - timedelta(days=30),
        }
        return UsageReport(**(said | changes))

    def report_file(self, **changes) -> bytes:
        return sign_report(self.report(**changes), self.key)
