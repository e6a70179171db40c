"""The one place that reads the clock. Entry points alone call it and pass `now` down.

In the demo and in tests the clock can be moved: the setting CLOCK_FILE names a file that holds an offset in seconds.
All processes that share the file share the time. Production sets no such file.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The current instant: aware, in UTC, moved by the offset in CLOCK_FILE where that is set."""
    instant = datetime.now(tz=UTC)
    if settings.CLOCK_FILE is None:
        return instant
    return instant + _offset(Path(settings.CLOCK_FILE))


def _offset(file: Path) -> timedelta:
    try:
        return timedelta(seconds=float(file.read_text()))
    except FileNotFoundError:
        return timedelta()
