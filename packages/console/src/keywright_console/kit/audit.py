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
    row = _row(actor=actor, action=action, subject=subject, now=now, before=before, after=after, reference=reference)
    row.save(force_insert=True)
    return row


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
    rows = (_row(actor=actor, action=action, subject=one, now=now, before=before, after=after) for one in subjects)
    AuditRow.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def _row(
    *,
    actor: Actor,
    action: str,
    subject: str,
    now: datetime,
    before: Values | None,
    after: Values | None,
    reference: str = "",
) -> AuditRow:
    return AuditRow(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject=subject,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reference=reference,
    )


def rows_for(*, actor: Actor) -> QuerySet[AuditRow]:
    """The trail, newest first."""
    actor.require(Permission.READ_AUDIT)
    return AuditRow.objects.order_by("-at", "-id")
