"""Verifying a license, in either format, against the bare calls that it needs; and the entitlement check."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from bench.measure import Figure, in_turn, in_words
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
    thumbprint,
    verify,
    zbase32,
)

GOAL = 1.3
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FEATURES = frozenset(
    {"ldap", "ldap_groups", "saml", "mfa", "guest_accounts", "cluster", "compliance", "data_retention"}
)
RSA_BYTES = 256


def sample(form: Format) -> License:
    return License(
        id=zbase32.encode(bytes(range(16))),
        issuer="Example Software",
        product="enterprise-edition",
        subscription=zbase32.encode(bytes(range(16, 32))),
        issued_at=NOW - timedelta(days=30),
        starts_at=NOW - timedelta(days=30),
        expires_at=NOW + timedelta(days=335, hours=12),
        plan="E20",
        plan_name="Enterprise Edition E20",
        seats=200,
        features=FEATURES,
        deployments=Deployments(production=1, non_production=4),
        organization=Organization(id=zbase32.encode(bytes(16)), name="Brightwater Logistics GmbH", email=""),
        format=form,
    )


def figures() -> Iterator[Figure]:
    yield from _keywright()
    yield from _mattermost()


def _keywright() -> Iterator[Figure]:
    root, issuing = generate_ed25519(), generate_ed25519()
    root_kid, kid = thumbprint(root.public_key()), thumbprint(issuing.public_key())
    certificate = create_certificate(
        root_signer=KeySigner(root),
        root_kid=root_kid,
        key=issuing.public_key(),
        product=None,
        valid_from=NOW - timedelta(days=90),
        valid_until=NOW + timedelta(days=900),
        now=NOW - timedelta(days=90),
    )
    data = sign_keywright(sample(Format.KEYWRIGHT), signer=KeySigner(issuing), kid=kid, certificate=certificate)
    keys = TrustedKeys(roots=(root.public_key(),))
    public = issuing.public_key()

    def bare() -> object:
        """One signature over the exact bytes, and the claims: what no verifier can do without."""
        signed, signature = data.split(b"\n")[0].rsplit(b".", 1)
        public.verify(base64.urlsafe_b64decode(signature + b"=="), signed)
        return json.loads(base64.urlsafe_b64decode(signed.split(b".")[1] + b"=="))

    def ours() -> object:
        return verify(data, keys=keys, product="enterprise-edition", now=NOW)

    yield _figure("Verifying a license, Keywright’s format (certificate known)", ours, bare)
    granted = verify(data, keys=keys, now=NOW)

    def attribute_and_set() -> object:
        return "ldap" in granted.features

    yield _figure(
        "Entitlement check: license.has(…) against an attribute and a set look-up",
        lambda: granted.has("ldap"),
        attribute_and_set,
        goal=None,
    )


def _mattermost() -> Iterator[Figure]:
    key = generate_rsa()
    kid = thumbprint(key.public_key())
    data = sign_mattermost(sample(Format.MATTERMOST), signer=KeySigner(key), kid=kid)
    keys = TrustedKeys(mattermost=(key.public_key(),))
    public, padding, digest = key.public_key(), PKCS1v15(), hashes.SHA512()

    def bare() -> object:
        decoded = base64.b64decode(data)
        public.verify(decoded[-RSA_BYTES:], decoded[:-RSA_BYTES], padding, digest)
        return json.loads(decoded[:-RSA_BYTES])

    yield _figure("Verifying a license, Mattermost’s format", lambda: verify(data, keys=keys, now=NOW), bare)


def _figure(name: str, ours: Callable[[], object], floor: Callable[[], object], goal: float | None = GOAL) -> Figure:
    mine, bare = in_turn(ours, floor)
    ratio = mine / bare
    return Figure(
        name=name,
        ours=in_words(mine),
        floor=in_words(bare),
        ratio=ratio,
        goal=f"at most {goal}" if goal else "shown",
        met=goal is None or ratio <= goal,
    )
