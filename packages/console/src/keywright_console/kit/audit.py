"""The audit trail: one row a change, written in the transaction that makes the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.models import AuditRow

ROWS_AT_ONCE = 500  # below what one statement may carry on either database
Values = Mapping[str, str | int | bool | None]


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    now: datetime,
    before: Values | None = None,
    after: Values | None = None,
    reference: str = "",
) -> AuditRow:
    """Write what was done. Call it inside the transaction of the change; values are ids, states and counts only."""
    return AuditRow.objects.create(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject=subject,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reference=reference,
    )


def record_many(
    *,
    actor: Actor,
    action: str,
    subjects: Iterable[str],
    now: datetime,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """The same for many subjects that one thing was done to: still a row each."""
    AuditRow.objects.bulk_create(
        (
            AuditRow(
                at=now,
                actor_kind=actor.kind,
                actor_id=actor.id,
                action=action,
                subject=subject,
                before=None if before is None else dict(before),
                after=None if after is None else dict(after),
            )
            for subject in subjects
        ),
        batch_size=ROWS_AT_ONCE,
    )


def rows_for(*, actor: Actor) -> QuerySet[AuditRow]:
    """The trail, newest first."""
    actor.require(Permission.READ_AUDIT)
    return AuditRow.objects.order_by("-at", "-id")
