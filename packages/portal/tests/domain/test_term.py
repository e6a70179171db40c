from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.domain.term import add_months, term_span

ANCHORS = st.dates(min_value=date(2000, 1, 1), max_value=date(2150, 12, 31))
NUMBERS = st.integers(min_value=1, max_value=60)
MONTHS = st.sampled_from([1, 3, 6, 12, 24, 36])


def midnight(*day):
    return datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "number", "months", "starts", "ends"),
    [
        (date(2026, 3, 12), 1, 12, (2026, 3, 12), (2027, 3, 12)),
        (date(2026, 3, 12), 2, 12, (2027, 3, 12), (2028, 3, 12)),
        (date(2024, 2, 29), 1, 12, (2024, 2, 29), (2025, 2, 28)),
        (date(2024, 2, 29), 2, 12, (2025, 2, 28), (2026, 2, 28)),
        (date(2024, 2, 29), 4, 12, (2027, 2, 28), (2028, 2, 29)),
        (date(2024, 2, 29), 5, 12, (2028, 2, 29), (2029, 2, 28)),
        (date(2026, 1, 31), 1, 1, (2026, 1, 31), (2026, 2, 28)),
        (date(2026, 1, 31), 2, 1, (2026, 2, 28), (2026, 3, 31)),
        (date(2026, 1, 31), 3, 1, (2026, 3, 31), (2026, 4, 30)),
        (date(2026, 12, 31), 1, 12, (2026, 12, 31), (2027, 12, 31)),
        (date(2026, 11, 30), 1, 3, (2026, 11, 30), (2027, 2, 28)),
        (date(2096, 2, 29), 5, 12, (2100, 2, 28), (2101, 2, 28)),  # 2100 is no leap year
    ],
)
def test_ends_are_counted_from_the_anchor(anchor, number, months, starts, ends):
    span = term_span(anchor=anchor, number=number, months=months)
    assert (span.starts_at, span.ends_at) == (midnight(*starts), midnight(*ends))


@pytest.mark.parametrize("number", [0, -1])
def test_terms_are_numbered_from_one(number):
    with pytest.raises(ValueError, match="from 1"):
        term_span(anchor=date(2026, 3, 12), number=number)


def test_a_page_shows_the_last_good_day_and_the_license_outlives_it_everywhere():
    span = term_span(anchor=date(2026, 3, 12), number=1)
    assert span.last_day == date(2027, 3, 11)
    assert span.license_expires_at == datetime(2027, 3, 12, 12, tzinfo=UTC)
    assert (span.days, term_span(anchor=date(2027, 3, 12), number=1).days) == (365, 366)


@given(ANCHORS, NUMBERS, MONTHS)
def test_terms_follow_on_each_other_without_gap_or_overlap(anchor, number, months):
    this, following = (term_span(anchor=anchor, number=n, months=months) for n in (number, number + 1))
    assert this.starts_at < this.ends_at == following.starts_at


@given(ANCHORS, NUMBERS, MONTHS)
def test_the_anchors_day_comes_back_wherever_the_month_has_it(anchor, number, months):
    starts = term_span(anchor=anchor, number=number, months=months).starts_at
    longest = calendar.monthrange(starts.year, starts.month)[1]
    assert starts.day == min(anchor.day, longest)
    assert (starts.year * 12 + starts.month) - (anchor.year * 12 + anchor.month) == (number - 1) * months


@given(ANCHORS, NUMBERS)
def test_a_term_is_whole_utc_days(anchor, number):
    span = term_span(anchor=anchor, number=number)
    assert {span.starts_at.tzinfo, span.ends_at.tzinfo} == {UTC}
    assert (span.ends_at - span.starts_at) == timedelta(days=span.days)
    assert span.days in (364, 365, 366, 367)


@given(ANCHORS, st.integers(min_value=-14, max_value=12))
def test_a_license_is_good_through_the_last_day_in_every_time_zone(anchor, hours_ahead):
    """The end of the last day on a clock that is `hours_ahead` of UTC, from UTC−12 to UTC+14."""
    span = term_span(anchor=anchor, number=1)
    end_of_last_day_there = span.ends_at + timedelta(hours=hours_ahead)
    assert end_of_last_day_there <= span.license_expires_at


@given(ANCHORS, st.integers(min_value=0, max_value=600))
def test_adding_months_agrees_with_stepping_one_at_a_time(anchor, months):
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    assert add_months(anchor, months) == date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))
