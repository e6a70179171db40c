"""Reading licenses, always for an actor; and the public keys, which are for everybody."""

from __future__ import annotations

import json
import uuid

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.licensing.models import LicenseFile, RootKey, SigningKey


def license_file_for(*, actor: Actor, file_id: uuid.UUID) -> LicenseFile:
    """One file in force, with its bytes. Another organization's is not found, nor is one that was superseded."""
    actor.require(Permission.LICENSE_DOWNLOAD)
    file = LicenseFile.objects.filter(
        pk=file_id, license__organization_id=actor.own_organization_id, superseded_at=None
    ).first()
    if file is None:
        raise NotFoundError(_("There is no such license here. Your licenses are listed under Subscriptions."))
    return file


def files_in_force_for(*, actor: Actor, term_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[LicenseFile]]:
    """The files in force of some terms, without their bytes, the product's first format first. One query."""
    actor.require(Permission.READ)
    files = (
        LicenseFile.objects.filter(
            license__term_id__in=term_ids, license__organization_id=actor.own_organization_id, superseded_at=None
        )
        .select_related("license")
        .defer("content")
        .order_by("position")
    )
    by_term: dict[uuid.UUID, list[LicenseFile]] = {}
    for file in files:
        by_term.setdefault(file.license.term_id, []).append(file)
    return by_term


def trusted_keys_jwks() -> str:
    """The JWK set that a product pins: the roots, and the keys of formats that know no certificate (RSA)."""
    jwks = [{**root.public_jwk, "kid": root.kid, "use": "sig"} for root in RootKey.objects.order_by("created_at", "pk")]
    jwks += [
        {**key.public_jwk, "kid": key.kid, "use": "sig", "alg": "RS512"}
        for key in SigningKey.objects.filter(algorithm="RS512").exclude(state="revoked").order_by("created_at", "pk")
    ]
    return json.dumps({"keys": jwks}, indent=2)
