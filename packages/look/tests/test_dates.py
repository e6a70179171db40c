import datetime as dt

import pytest
from django.utils import translation

from keywright_look import dates

TOKYO = dt.timezone(dt.timedelta(hours=9))


def test_a_date_in_a_table_and_in_a_sentence():
    assert dates.short_date(dt.date(2026, 3, 12)) == "12\xa0Mar\xa02026"
    assert dates.long_date(dt.date(2026, 3, 2)) == "2\xa0March\xa02026"


def test_september_has_three_letters_as_every_month():
    assert dates.short_date(dt.date(2026, 9, 3)) == "3\xa0Sep\xa02026"


def test_an_aware_moment_is_read_in_utc():
    moment = dt.datetime(2026, 3, 13, 6, 5, tzinfo=TOKYO)

    assert dates.short_date(moment) == "12\xa0Mar\xa02026"
    assert dates.moment(moment) == "12\xa0Mar\xa02026, 21:05\xa0UTC"
    assert dates.day_of(moment) == dt.date(2026, 3, 12)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="Make it aware"):
        dates.short_date(dt.datetime(2026, 3, 12))  # noqa: DTZ001  # that is the subject


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (dt.date(2026, 3, 12), dt.date(2027, 3, 11), "12\xa0Mar\xa02026\xa0– 11\xa0Mar\xa02027"),
        (dt.date(2027, 1, 18), dt.date(2027, 11, 1), "18\xa0Jan\xa0– 1\xa0Nov\xa02027"),
    ],
)
def test_a_span_names_the_year_once_where_both_days_share_it(first, last, written):
    assert dates.span(first, last) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (999, "999"), (1000, "1,000"), (2147483647, "2,147,483,647"), (-1200, "−1,200"), ("24000", "24,000")],
)
def test_numbers_have_separators_and_a_true_minus(value, written):
    assert dates.number(value) == written


def test_months_and_separators_follow_the_language():
    with translation.override("de"):
        assert dates.long_date(dt.date(2026, 3, 12)) == "12\xa0März\xa02026"
        assert dates.number(24000) == "24.000"
