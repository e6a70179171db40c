"""Writing the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from keywright_portal.kit.actor import Actor
from keywright_portal.kit.models import AuditEntry


def record(
    *,
    actor: Actor,
    action: str,
    subject: object,
    subject_id: uuid.UUID | str,
    organization_id: uuid.UUID | None,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reference: str = "",
) -> None:
    """Add one row, in the caller's transaction. `before` and `after` hold ids, states, figures: no personal value."""
    AuditEntry.objects.create(
        at=now,
        actor_user_id=actor.user_id,
        actor_name=actor.name if actor.user_id is None else "",
        organization_id=organization_id,
        action=action,
        subject_type=type(subject).__name__ if not isinstance(subject, str) else subject,
        subject_id=str(subject_id),
        before=before,
        after=after,
        reference=reference,
    )
