"""Files as nobody should sign them: every byte of header, payload and signature can be chosen.

Keys are made at run time.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keywright_license import (
    Deployments,
    KeySigner,
    License,
    Organization,
    TrustedKeys,
    create_certificate,
    thumbprint,
    to_jwk,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
PRODUCT = "enterprise-edition"
LICENSE_ID = "hd7xnk7m5f8jxemo489tm1fdio"
OLDER_ID = "84t5of3ps8wneejj9ubenhusxy"
LICENSE = "keywright-license+jwt"
CERTIFICATE = "keywright-certificate+jwt"
ORDER = 2**252 + 27742317777372353535851937790883648493

FEATURES = frozenset({"ldap", "saml", "mfa", "guest_accounts", "cluster", "compliance", "data_retention"})
ABSENT = object()


def make_license(**changes) -> License:
    said = {
        "id": LICENSE_ID,
        "issuer": "Example Software",
        "product": PRODUCT,
        "subscription": "sub-0001",
        "issued_at": NOW - timedelta(days=1),
        "starts_at": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=364, hours=18),
        "plan": "E20",
        "plan_name": "Enterprise Edition E20",
        "seats": 50,
        "features": FEATURES,
        "organization": Organization(id="org-0001", name="Northwind Works", email="licenses@northwind.example"),
        "deployments": Deployments(production=1, non_production=4),
    }
    return License(**(said | changes))


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def license_claims(**changes) -> dict:
    """Sound claims with some of them changed; ABSENT leaves one out."""
    said = {
        "iss": "Example Software",
        "aud": PRODUCT,
        "sub": "sub-0001",
        "jti": LICENSE_ID,
        "iat": seconds(NOW - timedelta(days=1)),
        "nbf": seconds(NOW - timedelta(days=1)),
        "exp": seconds(NOW + timedelta(days=364, hours=18)),
        "v": 1,
        "plan": {"id": "E20", "name": "Enterprise Edition E20"},
        "seats": 50,
        "features": sorted(FEATURES),
        "deployments": {"production": 1, "non_production": 4},
        "org": {"id": "org-0001", "name": "Northwind Works", "email": "licenses@northwind.example"},
        "trial": False,
    }
    return {name: value for name, value in (said | changes).items() if value is not ABSENT}


def encode(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def to_json(value) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def jws(header, payload, key) -> bytes:
    """`header` and `payload` as bytes, or as what JSON makes of them; `key` is private, or a function that signs."""
    signed = encode(to_json(header)) + b"." + encode(to_json(payload))
    sign = key.sign if isinstance(key, Ed25519PrivateKey) else key
    return signed + b"." + encode(sign(signed))


def malleable(key: Ed25519PrivateKey):
    """Signs with a scalar that is not reduced: the same signature in a second spelling."""

    def sign(data: bytes) -> bytes:
        signature = key.sign(data)
        scalar = int.from_bytes(signature[32:], "little") + ORDER
        return signature[:32] + scalar.to_bytes(32, "little")

    return sign


@dataclass
class Vendor:
    """A root key, an issuing key and what they sign."""

    root: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    issuing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self):
        self.root_kid = thumbprint(self.root.public_key())
        self.kid = thumbprint(self.issuing.public_key())
        self.signer = KeySigner(self.issuing)
        self.keys = TrustedKeys(roots=(self.root.public_key(),))
        self.certificate = self.certify()

    def certify(self, **changes) -> str:
        said = {
            "root_signer": KeySigner(self.root),
            "root_kid": self.root_kid,
            "key": self.issuing.public_key(),
            "product": None,
            "valid_from": NOW - timedelta(days=30),
            "valid_until": NOW + timedelta(days=335),
            "now": NOW - timedelta(days=30),
        }
        return create_certificate(**(said | changes))

    def header(self, **changes) -> dict:
        said = {"alg": "EdDSA", "kid": self.kid, "typ": LICENSE} | changes
        return {name: value for name, value in said.items() if value is not ABSENT}

    def certificate_claims(self, **changes) -> dict:
        said = {
            "v": 1,
            "iat": seconds(NOW - timedelta(days=30)),
            "nbf": seconds(NOW - timedelta(days=30)),
            "exp": seconds(NOW + timedelta(days=335)),
            "sub": self.kid,
            "key": to_jwk(self.issuing.public_key()),
        } | changes
        return {name: value for name, value in said.items() if value is not ABSENT}

    def license_line(self, payload=None, *, header=None, key=None) -> bytes:
        return jws(
            self.header() if header is None else header,
            license_claims() if payload is None else payload,
            key or self.issuing,
        )

    def certificate_line(self, payload=None, *, header=None, key=None) -> bytes:
        return jws(
            {"alg": "EdDSA", "kid": self.root_kid, "typ": CERTIFICATE} if header is None else header,
            self.certificate_claims() if payload is None else payload,
            key or self.root,
        )

    def file(self, payload=None, *, header=None, key=None, certificate: bytes | None = None) -> bytes:
        line = self.license_line(payload, header=header, key=key)
        return line + b"\n" + (certificate or self.certificate.encode()) + b"\n"
