from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.domain.money import CurrencyMismatchError, Money
from keywright_portal.domain.revenue import Earning, earned_before, earned_between, earned_by_day, still_to_earn

FIRST = date(2026, 3, 12)
DAY = timedelta(days=1)


def usd(amount):
    return Money(amount, "USD")


def earning(net, days=365, *, first=FIRST, known=None, currency="USD"):
    return Earning(net=Money(net, currency), first_day=first, days=days, known_on=known or first)


EARNINGS = st.builds(
    lambda net, days, first, late: earning(net, days, first=first, known=first + timedelta(days=late)),
    st.integers(-(10**12), 10**12),
    st.integers(1, 1200),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(-100, 1500),
)
DATES = st.dates(date(2019, 1, 1), date(2047, 1, 1))


@pytest.mark.parametrize(
    ("since", "until", "earned"),
    [
        (date(2026, 1, 1), FIRST, 0),
        (FIRST, date(2026, 3, 13), 6707),  # 24,480.00 / 365 = 67.068…
        (FIRST, date(2026, 4, 1), 134_137),  # 20 days: 1,341.369…
        (date(2026, 4, 1), date(2026, 5, 1), 201_205),  # 50 days are 3,353.42, less the 20 before
        (date(2027, 3, 1), date(2027, 4, 1), 73_775),  # the last 11 days
        (date(2027, 3, 12), date(2030, 1, 1), 0),
        (FIRST, date(2027, 3, 12), 2_448_000),
    ],
)
def test_a_year_is_earned_by_the_day(since, until, earned):
    assert earned_between(earning(2_448_000), since=since, until=until) == usd(earned)


def test_the_days_of_a_month_are_each_told():
    by_day = earned_by_day(
        [earning(100, 3), earning(-10, 3), earning(7, 1, currency="JPY")], since=FIRST - DAY, until=FIRST + 4 * DAY
    )
    days = [FIRST + offset * DAY for offset in range(-1, 4)]
    # 100 in three: 33, 67, 100. −10 in three: −3, −7, −10.
    assert by_day == {
        "JPY": dict(zip(days, [0, 7, 0, 0, 0], strict=True)),
        "USD": dict(zip(days, [0, 30, 30, 30, 0], strict=True)),
    }
    assert list(by_day) == ["JPY", "USD"]


def test_where_nothing_was_billed_nothing_is_told():
    assert earned_by_day([], since=FIRST, until=FIRST + DAY) == {}


def test_what_is_taken_back_later_is_caught_up_with_on_its_day():
    """A year's price is taken back after 100 days: that month carries what they earned."""
    note = earning(-36_500, 365, known=FIRST + 100 * DAY)
    assert earned_before(note, FIRST + 100 * DAY) == usd(0)
    assert earned_between(note, since=FIRST + 100 * DAY, until=FIRST + 101 * DAY) == usd(-10_100)
    assert earned_between(note, since=FIRST + 101 * DAY, until=FIRST + 102 * DAY) == usd(-100)


def test_what_is_known_before_it_begins_is_earned_when_it_begins():
    renewal = earning(36_500, 365, known=FIRST - 90 * DAY)
    assert earned_before(renewal, FIRST) == usd(0)
    assert earned_between(renewal, since=FIRST, until=FIRST + DAY) == usd(100)
    assert still_to_earn(renewal, FIRST - 89 * DAY) == usd(36_500)
    assert still_to_earn(renewal, FIRST - 90 * DAY) == usd(0)


def test_what_is_known_after_it_ended_is_earned_on_that_day():
    late = earning(36_500, 30, known=FIRST + 200 * DAY)
    assert earned_between(late, since=FIRST + 200 * DAY, until=FIRST + 201 * DAY) == usd(36_500)


def test_impossible_spans_are_refused():
    with pytest.raises(ValueError, match="one day at least"):
        earning(1, 0)
    with pytest.raises(ValueError, match="ends after it starts"):
        earned_between(earning(1), since=FIRST, until=FIRST - DAY)


def test_currencies_are_not_mixed():
    with pytest.raises(CurrencyMismatchError):
        earned_before(earning(1), FIRST) + earned_before(earning(1, currency="EUR"), FIRST)


@given(EARNINGS)
def test_all_days_together_are_the_whole(one):
    begun = min(one.first_day, one.known_on)
    ended = max(one.last_day, one.known_on) + DAY
    assert earned_between(one, since=begun, until=ended) == one.net
    assert earned_before(one, begun) == still_to_earn(one, ended) == usd(0)


@given(EARNINGS, st.lists(DATES, min_size=2, max_size=6))
def test_spans_that_follow_on_each_other_add_up(one, cuts):
    cuts = sorted(cuts)
    parts = [earned_between(one, since=since, until=until) for since, until in pairwise(cuts)]
    assert sum((part.amount for part in parts), 0) == earned_between(one, since=cuts[0], until=cuts[-1]).amount


@given(EARNINGS, DATES)
def test_never_a_whole_unit_away_from_the_exact_share(one, day):
    earned = earned_before(one, day).amount
    passed = min(max((day - one.first_day).days, 0), one.days) if day > one.known_on else 0
    assert abs(earned - Fraction(one.net.amount * passed, one.days)) <= Fraction(1, 2)


@given(EARNINGS, DATES)
def test_a_day_is_never_earned_against_the_sign_of_the_whole(one, day):
    earned = earned_between(one, since=day, until=day + DAY).amount
    assert earned == 0 or (earned > 0) == (one.net.amount > 0)


@given(EARNINGS, DATES)
def test_what_is_taken_back_in_whole_leaves_nothing_from_its_day_on(one, day):
    known = max(one.known_on, day)
    note = Earning(net=usd(-one.net.amount), first_day=one.first_day, days=one.days, known_on=known)
    after = known + DAY
    assert earned_before(one, after) + earned_before(note, after) == usd(0)
    assert earned_before(note, known) == usd(0)


@given(EARNINGS, DATES)
def test_earned_and_still_to_earn_are_the_whole_once_it_is_known(one, day):
    whole = one.net if day > one.known_on else usd(0)
    assert earned_before(one, day) + still_to_earn(one, day) == whole


@given(st.lists(EARNINGS, max_size=5), DATES, st.integers(0, 40))
def test_the_days_add_up_to_the_month(earnings, since, length):
    until = since + timedelta(days=length)
    by_day = earned_by_day(earnings, since=since, until=until)
    told = sum(amount for days in by_day.values() for amount in days.values())
    assert told == sum(earned_between(one, since=since, until=until).amount for one in earnings)
    assert all(len(days) == length for days in by_day.values())


@given(EARNINGS, st.integers(1, 400))
def test_what_is_issued_later_leaves_the_months_before_as_they_were(one, later):
    """Reported at the end of a month and again a year after: the same."""
    closed = one.known_on + timedelta(days=later)
    note = Earning(net=usd(-1), first_day=one.first_day, days=one.days, known_on=closed)
    month = {"since": closed - timedelta(days=31), "until": closed}
    assert earned_by_day([one, note], **month) == earned_by_day([one], **month)
