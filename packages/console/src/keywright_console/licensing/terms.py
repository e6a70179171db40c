"""Days and seats, as the license page speaks of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright_license import GRACE_DAYS, LicenseState

if TYPE_CHECKING:
    from keywright_license import License

RENEWAL_DAYS = 90  # a renewal is open from here
BANNER_DAYS = 60  # administrators are told on every page
WARNING_DAYS = 30
DANGER_DAYS = 5
# Midnight comes twelve hours after UTC's in the last time zone (UTC-12).
LAST_TIME_ZONE = timedelta(hours=12)
DAY = timedelta(days=1)


class Tone(StrEnum):
    """How much something needs care; also the name of its colour."""

    CALM = ""
    GOOD = "good"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


class SeatLevel(StrEnum):
    FINE = "fine"
    NEAR = "near"
    CLOSE = "close"
    FULL = "full"
    OVER = "over"


# Percent of the seats that are in use, from which a level holds; the highest that fits.
SEAT_LEVELS = ((100, SeatLevel.FULL), (95, SeatLevel.CLOSE), (90, SeatLevel.NEAR), (0, SeatLevel.FINE))


def last_good_day(expires_at: datetime) -> date:
    """The last day through the whole of which, in every time zone, the license is good."""
    return (expires_at - LAST_TIME_ZONE).date() - DAY


def days_left(license_: License, *, now: datetime) -> int:
    """Whole days until the last good day, 0 on that day and until the license has expired; negative afterwards."""
    left = (last_good_day(license_.expires_at) - now.date()).days
    return max(left, 0) if now <= license_.expires_at else min(left, -1)


def grace_days_left(license_: License, *, now: datetime) -> int:
    """Days of grace that are left, the present one counted; 0 when grace is over."""
    left = license_.expires_at + timedelta(days=GRACE_DAYS) - now
    return max(0, -(-left // DAY))


def expiry_tone(license_: License, *, now: datetime) -> Tone:
    if license_.state(now=now) in (LicenseState.GRACE, LicenseState.EXPIRED):
        return Tone.BAD
    left = days_left(license_, now=now)
    if left <= DANGER_DAYS:
        return Tone.BAD
    return Tone.WARN if left <= WARNING_DAYS else Tone.CALM


def seat_level(*, active_users: int, seats: int) -> SeatLevel:
    """How full the seats are. Integers only, so 2,147,483,647 seats are as exact as one."""
    if active_users > seats:
        return SeatLevel.OVER
    return next(level for percent, level in SEAT_LEVELS if active_users * 100 >= percent * seats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Whether the page offers a renewal, and whether every page speaks of it."""

    is_open: bool
    is_banner: bool


def renewal(license_: License, *, now: datetime, has_next_term: bool) -> Renewal:
    """A renewal is offered from 90 days before the end, told on every page from 60, unless the next term is here."""
    left = days_left(license_, now=now)
    return Renewal(
        is_open=left <= RENEWAL_DAYS and not has_next_term,
        is_banner=left <= BANNER_DAYS and not has_next_term and now <= license_.expires_at,
    )
