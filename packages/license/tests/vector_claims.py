"""Vectors whose signatures are good and whose claims are not: those of licenses and of certificates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forge import ABSENT, NOW, PRODUCT, encode, license_claims, seconds
from keywright_license import thumbprint

if TYPE_CHECKING:
    from vector_book import Vectors

# y = 1 (order 1), y = 0 (order 4), and y = p + 1, a second spelling of y = 1.
IDENTITY, ORDER_FOUR = (1).to_bytes(32, "little"), bytes(32)
NOT_CANONICAL = (2**255 - 18).to_bytes(32, "little")


def add_unreadable_claims(vectors: Vectors) -> None:
    """Signed payloads that JSON readers take for different things."""
    body = json.dumps(license_claims())
    for name, payload, why in (
        ("claims-key-twice", body.replace('"seats": 50', '"seats": 5, "seats": 50'), "seats twice"),
        ("claims-nested-key-twice", body.replace('"id": "E20"', '"id": "E10", "id": "E20"'), "plan.id twice"),
        ("claims-nan", body[:-1] + ', "x": NaN}', "NaN"),
        ("claims-infinity", body[:-1] + ', "x": -Infinity}', "-Infinity"),
        ("claims-huge-float", body[:-1] + ', "x": 1e999}', "a number too large for a double"),
        ("claims-huge-integer", body[:-1] + ', "x": ' + "9" * 5000 + "}", "an integer of 5,000 digits"),
        ("claims-deep", body[:-1] + ', "x": ' + "[" * 20 + "]" * 20 + "}", "nested 21 deep"),
        ("claims-very-deep", body[:-1] + ', "x": ' + "[" * 20000 + "]" * 20000 + "}", "nested 20,001 deep"),
        ("claims-half-character", body.replace("Northwind", "\\ud83d"), "a lone surrogate"),
        ("claims-nul", body.replace("Northwind", "\\u0000"), "a NUL in a text"),
        (
            "claims-control-character",
            body.replace("Northwind", "a\\nb"),
            "a vectors.line feed in the organization's name",
        ),
        ("claims-trailing", body + "x", "bytes after the object"),
        ("claims-array", "[]", "claims that are no object"),
        ("claims-exp-1e9", body.replace(str(license_claims()["exp"]), "1.9e9"), "exp in scientific notation"),
    ):
        vectors.refused(name, vectors.vendor.file(payload.encode()), "malformed", why)
    vectors.refused(
        "claims-not-utf8",
        vectors.vendor.file(body.replace("Northwind", "Søn").encode("latin-1")),
        "malformed",
        "not UTF-8",
    )


def add_wrong_claims(vectors: Vectors) -> None:
    """Signed claims that are missing or out of range."""
    for name, changes, why in (
        ("exp-missing", {"exp": ABSENT}, "no exp"),
        ("exp-text", {"exp": "2027-11-24"}, "exp as a text"),
        ("exp-float", {"exp": 1827000000.0}, "exp with a fraction"),
        ("exp-true", {"exp": True}, "exp true"),
        ("exp-too-late", {"exp": 253370764800}, "exp in the year 9999"),
        ("iat-negative", {"iat": -1}, "iat before 1970"),
        ("exp-before-nbf", {"exp": license_claims()["nbf"]}, "ends when it begins"),
        ("iss-missing", {"iss": ABSENT}, "no iss"),
        ("aud-list", {"aud": [PRODUCT]}, "aud as a list"),
        ("sub-empty", {"sub": ""}, "an empty sub"),
        ("sub-too-long", {"sub": "x" * 501}, "sub of 501 characters"),
        ("jti-short", {"jti": "LIC-0001"}, "an id that is not 26 letters"),
        (
            "jti-idle-bits",
            {"jti": "hd7xnk7m5f8jxemo489tm1fdi9"},
            "an id whose last letter carries more than three bits",
        ),
        ("seats-zero", {"seats": 0}, "no seats"),
        ("seats-too-many", {"seats": 2**31}, "seats over 32 bits"),
        ("seats-text", {"seats": "50"}, "seats as a text"),
        ("features-text", {"features": "ldap"}, "features as a text"),
        ("features-twice", {"features": ["ldap", "ldap"]}, "a feature twice"),
        ("features-name", {"features": ["LDAP"]}, "a feature in capitals"),
        ("features-number", {"features": [1]}, "a feature that is a number"),
        ("plan-text", {"plan": "E20"}, "plan as a text"),
        ("plan-no-name", {"plan": {"id": "E20"}}, "a plan without its name"),
        ("deployments-none", {"deployments": {"production": 0, "non_production": 0}}, "no production deployment"),
        (
            "deployments-negative",
            {"deployments": {"production": 1, "non_production": -1}},
            "a negative number of deployments",
        ),
        ("org-missing", {"org": ABSENT}, "no org"),
        ("trial-number", {"trial": 0}, "trial as a number"),
        ("supersedes-null", {"supersedes": None}, "supersedes null"),
    ):
        vectors.refused(name, vectors.vendor.file(license_claims(**changes)), "malformed", why)


def add_certificates(vectors: Vectors) -> None:
    """Certificates that a root key should not have signed."""
    for name, changes, why in (
        ("certificate-no-key", {"key": ABSENT}, "a vectors.certificate without a key"),
        ("certificate-small-order", {"key": _jwk(IDENTITY), "sub": _kid(IDENTITY)}, "a certified key of order 1"),
        ("certificate-order-four", {"key": _jwk(ORDER_FOUR), "sub": _kid(ORDER_FOUR)}, "a certified key of order 4"),
        (
            "certificate-not-canonical",
            {"key": _jwk(NOT_CANONICAL), "sub": _kid(NOT_CANONICAL)},
            "a certified key with y ≥ p",
        ),
        ("certificate-private-key", {"key": {**_jwk(IDENTITY), "d": "AA"}}, "a private key in the certificate"),
        ("certificate-other-sub", {"sub": vectors.stranger.kid}, "sub is not the key's thumbprint"),
        ("certificate-exp-missing", {"exp": ABSENT}, "a vectors.certificate without exp"),
        ("certificate-exp-float", {"exp": 1827000000.5}, "a vectors.certificate with exp as a fraction"),
        (
            "certificate-span",
            {"exp": seconds(NOW - timedelta(days=30))},
            "a vectors.certificate that ends when it begins",
        ),
        ("certificate-term", {"max_term": 0}, "a longest term of nothing"),
    ):
        forged = vectors.vendor.certificate_line(vectors.vendor.certificate_claims(**changes))
        anything = (lambda _: IDENTITY + bytes(32)) if "key" in changes else vectors.vendor.issuing
        kid = changes.get("sub", vectors.vendor.kid)
        vectors.refused(
            name,
            vectors.vendor.file(header=vectors.vendor.header(kid=kid), key=anything, certificate=forged),
            "malformed",
            why,
        )


def _jwk(raw: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encode(raw).decode()}


def _kid(raw: bytes) -> str:
    return thumbprint(Ed25519PublicKey.from_public_bytes(raw))
