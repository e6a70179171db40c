"""Revoking a license: its files aren't handed out any more, and no other is signed for it."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.models import License


class RevokedBecause(StrEnum):
    REFUNDED = "refunded"
    DISPUTED = "disputed"


def revoke_licenses(
    *, subscription_id: uuid.UUID, because: RevokedBecause, actor: Actor, now: datetime
) -> list[License]:
    """Revoke what was licensed for a subscription; those that this call revoked. Doing it twice is no error.

    Runs in the caller's transaction, which has checked that the actor may. A server that applied a file before isn't
    reached: it goes on until the file expires, since nothing that Keywright does ever stops a running server.
    """
    rows = list(
        License.objects.select_for_update()
        .filter(term__subscription_id=subscription_id, revoked_at=None)
        .order_by("pk")
    )
    for row in rows:
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
    return rows
