"""Terms: half-open spans of whole UTC days, counted from an anchor that never moves."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

TERM_MONTHS: Final = 12
EXPIRY_MARGIN: Final = timedelta(hours=12)
"""A license is good through the whole of its last day in every time zone; the westernmost is UTC−12."""


@dataclass(frozen=True, slots=True)
class TermSpan:
    """`[starts_at, ends_at)`, both midnight UTC."""

    starts_at: datetime
    ends_at: datetime

    @property
    def last_day(self) -> date:
        """The last good day, which is what pages show."""
        return (self.ends_at - timedelta(days=1)).date()

    @property
    def days(self) -> int:
        return (self.ends_at - self.starts_at).days

    @property
    def license_expires_at(self) -> datetime:
        """When a license for this term expires."""
        return self.ends_at + EXPIRY_MARGIN


def add_months(anchor: date, months: int) -> date:
    """The anchor's day of the month, `months` later; the month's last day where it has no such day (29 February)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def term_span(*, anchor: date, number: int, months: int = TERM_MONTHS) -> TermSpan:
    """Term `number` (from 1) of a subscription whose first term began on `anchor`.

    Every end is counted from the anchor, not from the term before, so that a 29 February or a 31st comes back.
    """
    if number < 1:
        raise ValueError("terms are numbered from 1")
    return TermSpan(
        _midnight(add_months(anchor, (number - 1) * months)), _midnight(add_months(anchor, number * months))
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
