"""The time that licenses are judged by: the clock's, unless it was set back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from keywright_console.kit.installation import lock
from keywright_console.kit.models import SINGLE
from keywright_console.licensing.models import ClockMark
from keywright_license.clock import HighWater, next_mark, trusted_now


@dataclass(slots=True)
class Seen:
    """What this process stored last, and when by a clock that nobody sets. One a process."""

    mark: HighWater | None = None
    at: float = 0.0


_SEEN = Seen()


def judging_time(*, now: datetime, stored: str | None) -> datetime:
    """`now`, or the stored mark where that is later. A mark that is no mark counts as none."""
    return trusted_now(now=now, mark=parsed(stored))


def stored_mark() -> str | None:
    return ClockMark.objects.values_list("mark", flat=True).first()


def parsed(stored: str | None) -> HighWater | None:
    """Whoever can spoil the row could delete it as well, so a spoilt one is no error."""
    if not stored:
        return None
    try:
        return HighWater.parse(stored)
    except (ValueError, OverflowError):
        return None


def move_mark(
    *, now: datetime, signed_at: datetime | None, monotonic: float | None = None, seen: Seen = _SEEN
) -> HighWater:
    """Move the stored mark on. Any number of processes may: an hour that all of them saw is counted once.

    `signed_at` is the latest time that the vendor signed in what is installed here.
    """
    ticks = time.monotonic() if monotonic is None else monotonic
    with transaction.atomic():
        lock(now=now)
        mark = next_mark(
            now=now,
            mark=parsed(stored_mark()),
            before=seen.mark,
            elapsed=timedelta(0) if seen.mark is None else timedelta(seconds=ticks - seen.at),
            signed_at=signed_at,
        )
        ClockMark.objects.update_or_create(pk=SINGLE, defaults={"mark": str(mark)})
    seen.mark, seen.at = mark, ticks
    return mark
