import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_look.meter import measure


@pytest.mark.parametrize(
    ("used", "total", "bar"),
    [
        (0, 0, "0.00"),
        (0, 50, "0.00"),
        (37, 50, "74.00"),
        (50, 50, "100.00"),
        (1, 1_000_000, "0.60"),
    ],
)
def test_up_to_the_total_only_the_used_part_is_drawn(used, total, bar):
    meter = measure(used, total)

    assert (meter.used, meter.over, meter.over_by) == (bar, "0.00", 0)


def test_over_the_total_the_rest_is_set_apart():
    meter = measure(258, 250)

    assert (meter.over_by, meter.used, meter.over_from, meter.over) == (8, "96.90", "96.90", "3.10")
    assert (meter.gap_from, meter.gap) == ("96.60", "0.60")


def test_one_over_many_can_still_be_seen():
    assert measure(100_001, 100_000).over == "1.50"


def test_over_nothing_is_all_over():
    meter = measure(5, 0)

    assert (meter.used, meter.over_from, meter.over, meter.gap) == ("0.00", "0.00", "100.00", "0.00")


@pytest.mark.parametrize(("used", "total"), [(-1, 5), (5, -1)])
def test_what_is_no_count_is_refused(used, total):
    with pytest.raises(ValueError, match="can't be drawn"):
        measure(used, total)


@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_the_parts_never_leave_the_bar(used, total):
    meter = measure(used, total)

    assert 0 <= float(meter.used) <= 100
    assert float(meter.used) + float(meter.over) <= 100.01
