"""Writing the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from keywright_portal.kit.actor import Actor
from keywright_portal.kit.insert import insert
from keywright_portal.kit.models import AuditEntry

_together: Final[ContextVar[list[AuditEntry] | None]] = ContextVar("audit entries written together", default=None)


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
    entry = AuditEntry(
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
    together = _together.get()
    if together is None:
        insert(entry)
    else:
        together.append(entry)


@contextmanager
def written_together() -> Iterator[None]:
    """Have what is recorded within it written at its end, in order, by one statement: for a service of many steps.

    In the caller's transaction. Where it ends by an exception nothing is written, like all else of the transaction.
    """
    token = _together.set([])
    try:
        yield
        insert(*(_together.get() or ()))
    finally:
        _together.reset(token)
