"""A License, or a revocation bundle, as plain JSON types, for the command line, logs and APIs. What is shown is no
signed file and proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_license.model import License
    from keywright_license.revocations import RevocationBundle


def present(license: License, *, now: datetime) -> dict[str, object]:
    """Every field by its name, with times in ISO 8601 and features sorted; and `state` at `now`."""
    return {
        "id": license.id,
        "format": license.format.value,
        "issuer": license.issuer,
        "product": license.product,
        "subscription": license.subscription,
        "issued_at": iso(license.issued_at),
        "starts_at": iso(license.starts_at),
        "expires_at": iso(license.expires_at),
        "state": license.state(now=now).value,
        "plan": license.plan,
        "plan_name": license.plan_name,
        "seats": license.seats,
        "features": sorted(license.features),
        "deployments": {
            "production": license.deployments.production,
            "non_production": license.deployments.non_production,
        },
        "organization": {
            "id": license.organization.id,
            "name": license.organization.name,
            "email": license.organization.email,
        },
        "is_trial": license.is_trial,
        "supersedes": license.supersedes,
        "extra": dict(license.extra),
    }


def present_bundle(bundle: RevocationBundle) -> dict[str, object]:
    """Every field by its name, with times in ISO 8601."""
    return {
        "issuer": bundle.issuer,
        "product": bundle.product,
        "issued_at": iso(bundle.issued_at),
        "seq": bundle.seq,
        "signed_by_root": bundle.signed_by_root,
        "revoked_licenses": [
            {"id": license_id, "at": iso(revoked.at), "reason": revoked.reason.value}
            for license_id, revoked in bundle.revoked_licenses.items()
        ],
        "revoked_keys": [{"kid": kid, "at": iso(at)} for kid, at in bundle.revoked_keys.items()],
    }


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
