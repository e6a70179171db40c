"""What is done with counts in the background: counting always, sending where it is allowed."""

from __future__ import annotations

from datetime import datetime

from keywright_console.deployment.selectors import decided
from keywright_console.usage.services.count_day import count_day
from keywright_console.usage.services.send_usage import send_usage, unsent


def count(*, now: datetime) -> None:
    """Count today, unless it was."""
    count_day(now=now)


def send(*, now: datetime) -> None:
    """Send what the portal doesn't have. Quiet where that is off, and where nothing waits."""
    chosen = decided()
    if chosen.may_speak and chosen.sends_usage and unsent().exists():
        send_usage(now=now)
