from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from keywright_look.usage_chart import SeatStep, draw, seats_on

FIRST = date(2026, 3, 12)


@dataclass
class Count:
    day: date
    active_users: int


TEN = [SeatStep(FIRST, 10)]


def chart(*active, steps=TEN, days=None):
    """Of counts on days one after the other; None is a day without one."""
    counts = [Count(FIRST + timedelta(days=number), one) for number, one in enumerate(active) if one is not None]
    end = FIRST + timedelta(days=days or len(active))
    return draw(first=FIRST, end=end, days=counts, steps=steps)


@pytest.mark.parametrize(
    ("highest", "grid"),
    [
        (0, [0, 1]),
        (6, [0, 1, 2, 3, 4, 5, 6]),
        (7, [0, 2, 4, 6, 8]),
        (250, [0, 50, 100, 150, 200, 250]),
        (2_147_483_647, [0, 500_000_000, 1_000_000_000, 1_500_000_000, 2_000_000_000, 2_500_000_000]),
    ],
)
def test_the_grid_is_of_round_numbers(highest, grid):
    assert [line.value for line in chart(highest, steps=()).lines] == grid


def test_a_curve_below_its_seats():
    drawn = chart(0, 5, 10)
    assert drawn.line == "M0.0 300.0 333.3 150.0 666.7 0.0"
    assert drawn.area == "M0.0 300.0L0.0 300.0 333.3 150.0 666.7 0.0V300.0Z"
    assert (drawn.seats, drawn.zone) == ("M0.0 0.0H1000", "M0.0 0H1000V0.0H0.0Z")
    assert (drawn.over, drawn.over_line) == ("", "")
    assert (drawn.last.value, drawn.last.share, drawn.last_active) == (FIRST + timedelta(days=2), "66.67%", 10)


def test_up_to_three_days_without_a_count_are_bridged_and_more_are_not():
    assert chart(4, None, None, 4).line.count("M") == 1
    assert chart(4, None, None, None, 4).line.count("M") == 2


def test_a_count_alone_is_a_dot():
    drawn = chart(3, days=30)
    assert drawn.line == "M0.0 210.0 0.0 210.0"
    assert drawn.area == "M0.0 300.0L0.0 210.0 0.0 210.0V300.0Z"


def test_what_is_over_the_seats_stands_between_both():
    drawn = chart(10, 12, 14, 9, 11)
    assert drawn.over.count("M") == drawn.over_line.count("M") == 2
    assert drawn.over_line.startswith("M200.0 60.0 400.0 20.0")


def test_without_a_license_no_seats_are_drawn_and_nobody_is_over_them():
    drawn = chart(10, 12, steps=())
    assert (drawn.seats, drawn.zone, drawn.over, drawn.seat_steps) == ("", "", "", ())


def test_seats_rise_on_the_day_on_which_they_were_added():
    steps = [SeatStep(FIRST + timedelta(days=1), 10), SeatStep(FIRST + timedelta(days=2), 20)]
    drawn = chart(1, 1, 1, 1, steps=steps)
    assert drawn.seats == "M250.0 150.0H500.0V0.0H1000"
    assert drawn.zone == "M250.0 0H1000V0.0H500.0V150.0H250.0Z"
    assert [seats_on(steps, FIRST + timedelta(days=day)) for day in range(4)] == [10, 10, 20, 20]
    assert [(step.value, step.share) for step in drawn.seat_steps] == [(10, "25.00%"), (20, "50.00%")]


def test_months_are_marked_where_they_begin():
    months = chart(*[1] * 60).months
    assert [month.value for month in months] == [date(2026, 4, 1), date(2026, 5, 1)]
    assert [month.is_alternate for month in months] == [False, True]
