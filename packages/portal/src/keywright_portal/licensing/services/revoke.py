"""Revoking a license: its files aren't handed out any more, and no other is signed for it."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.models import License, LicenseFile


class RevokedBecause(StrEnum):
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CANCELLED = "cancelled"


def revoke_license(*, grant_id: uuid.UUID, because: RevokedBecause, actor: Actor, now: datetime) -> License | None:
    """Revoke the license for which a grant was issued; None where there is none, or it was revoked before.

    Runs in the caller's transaction, which has checked that the actor may. A server that applied a file before isn't
    reached: it goes on until the file expires, since nothing that Keywright does ever stops a running server.
    """
    granted = LicenseFile.objects.filter(grant_id=grant_id).values("license_id")
    row = License.objects.select_for_update().filter(pk__in=granted, revoked_at=None).order_by("pk").first()
    if row is None:
        return None
    row.revoked_at, row.revoked_because = now, because.value
    row.save(update_fields=["revoked_at", "revoked_because"])
    audit.record(
        actor=actor,
        action="license.revoked",
        subject=row,
        subject_id=row.pk,
        organization_id=row.organization_id,
        now=now,
        after={"because": because.value},
    )
    return row
