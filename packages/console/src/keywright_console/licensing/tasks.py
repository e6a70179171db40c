"""The room's work in the background."""

from __future__ import annotations

from datetime import datetime

from keywright_console.kit.errors import NotConfiguredError
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.remind_admins import remind_admins
from keywright_console.licensing.trusted_time import move_mark


def mark_time(*, now: datetime) -> None:
    """Keep the time that it is at least. What the vendor signed is later than its `issued_at`."""
    try:
        held = standing(now=now)
    except NotConfiguredError:  # the mark goes on all the same
        signed = []
    else:
        signed = [one.license.issued_at for one in (held.in_force, held.waiting) if one is not None]
    move_mark(now=now, signed_at=max(signed, default=None))


def remind(*, now: datetime) -> None:
    remind_admins(now=now)
