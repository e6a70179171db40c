"""The one place that reads the time. Entry points ask it once and hand `now` down.

Demo and tests may move it: the file that KEYWRIGHT_CLOCK_FILE names holds an offset in seconds, read anew at each
call, so that one write moves every process. Sessions and tokens in transit follow the real clock of the libraries.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from keywright_console.kit.build import is_pinned


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """How far the clock is moved: nothing unless a file is named, and nothing while that file does not exist.

    Nor in a build for customers: licenses are judged by this clock.
    """
    name: str | None = settings.KEYWRIGHT_CLOCK_FILE
    if not name or is_pinned():
        return timedelta(0)
    try:
        text = Path(name).read_text(encoding="ascii")
    except FileNotFoundError:
        return timedelta(0)
    return timedelta(seconds=float(text.strip() or "0"))
