from datetime import UTC, date, datetime, timedelta

import pytest

from keywright_console.licensing.terms import (
    SeatLevel,
    Tone,
    days_left,
    expiry_tone,
    grace_days_left,
    last_good_day,
    renewal,
    seat_level,
)
from vendor import Vendor

END = datetime(2027, 3, 12, tzinfo=UTC)  # the term's end: the first moment that is not in it
EXPIRES = END + timedelta(hours=12)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def license_():
    return Vendor().license(starts=END - 365 * DAY, days=365)


@pytest.mark.parametrize(
    ("expires_at", "day"),
    [
        (EXPIRES, date(2027, 3, 11)),
        (EXPIRES - timedelta(seconds=1), date(2027, 3, 10)),
        (EXPIRES + timedelta(hours=11), date(2027, 3, 11)),
        (EXPIRES + DAY, date(2027, 3, 12)),
    ],
)
def test_the_last_day_is_whole_in_every_time_zone(expires_at, day):
    assert last_good_day(expires_at) == day


@pytest.mark.parametrize(
    ("now", "left", "tone"),
    [
        (END - 365 * DAY, 364, Tone.CALM),
        (END - 32 * DAY, 31, Tone.CALM),
        (END - 31 * DAY, 30, Tone.WARN),
        (END - 7 * DAY, 6, Tone.WARN),
        (END - 6 * DAY, 5, Tone.BAD),
        (END - DAY, 0, Tone.BAD),
        (END, 0, Tone.BAD),
        (EXPIRES, 0, Tone.BAD),
        (EXPIRES + timedelta(seconds=1), -1, Tone.BAD),
        (EXPIRES + 11 * DAY, -12, Tone.BAD),
    ],
)
def test_days_left(license_, now, left, tone):
    assert days_left(license_, now=now) == left
    assert expiry_tone(license_, now=now) is tone


@pytest.mark.parametrize(
    ("after", "left"),
    [(timedelta(seconds=1), 10), (DAY, 9), (9 * DAY + timedelta(hours=1), 1), (10 * DAY, 0), (40 * DAY, 0)],
)
def test_grace_days_left(license_, after, left):
    assert grace_days_left(license_, now=EXPIRES + after) == left


@pytest.mark.parametrize(
    ("users", "seats", "level"),
    [
        (0, 1, SeatLevel.FINE),
        (89, 100, SeatLevel.FINE),
        (90, 100, SeatLevel.NEAR),
        (94, 100, SeatLevel.NEAR),
        (95, 100, SeatLevel.CLOSE),
        (99, 100, SeatLevel.CLOSE),
        (100, 100, SeatLevel.FULL),
        (101, 100, SeatLevel.OVER),
        (1, 1, SeatLevel.FULL),
        (2, 3, SeatLevel.FINE),
        (2**31 - 2, 2**31 - 1, SeatLevel.CLOSE),
        (2**31 - 1, 2**31 - 1, SeatLevel.FULL),
        (2**31, 2**31 - 1, SeatLevel.OVER),
    ],
)
def test_seat_levels(users, seats, level):
    assert seat_level(active_users=users, seats=seats) is level


@pytest.mark.parametrize(
    ("now", "has_next", "is_open", "is_banner"),
    [
        (END - 92 * DAY, False, False, False),
        (END - 91 * DAY, False, True, False),
        (END - 62 * DAY, False, True, False),
        (END - 61 * DAY, False, True, True),
        (END - 61 * DAY, True, False, False),
        (EXPIRES, False, True, True),
        (EXPIRES + DAY, False, True, False),
    ],
)
def test_renewal_opens_at_90_days_and_is_told_from_60(license_, now, has_next, is_open, is_banner):
    found = renewal(license_, now=now, has_next_term=has_next)
    assert (found.is_open, found.is_banner) == (is_open, is_banner)
