from datetime import date, timedelta

import pytest

from keywright_console.usage.chart import Point, chart_of, grid_step

FIRST = date(2026, 3, 12)


def points(*active, seats=10, start=FIRST):
    return [
        Point(day=start + timedelta(days=number), active=one, seats=seats)
        for number, one in enumerate(active)
        if one is not None
    ]


def test_nothing_is_drawn_of_nothing():
    assert chart_of([]) is None


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (5, 1), (6, 2), (10, 2), (11, 5), (250, 50), (251, 100), (2_147_483_647, 500_000_000)]
)
def test_the_grid_is_of_round_numbers(highest, step):
    assert grid_step(highest) == step


def test_a_curve():
    chart = chart_of(points(0, 5, 10))
    assert chart.lines == ["M0.0 300.0 500.0 150.0 1000.0 0.0"]
    assert chart.areas == ["M0.0 300L0.0 300.0 500.0 150.0 1000.0 0.0L1000.0 300Z"]
    assert chart.seats == ["M0.0 0.0H500.0V0.0", "M500.0 0.0H1000.0V0.0"]
    assert chart.over == []
    assert [mark.value for mark in chart.grid] == [0, 2, 4, 6, 8, 10]


def test_a_day_without_a_count_is_not_bridged():
    chart = chart_of(points(4, 4, None, 4, None, 4, 4))
    assert len(chart.lines) == 2
    assert chart.dots == [("500.0", "180.0")]


def test_one_count_is_a_dot():
    chart = chart_of(points(3))
    assert (chart.lines, chart.dots, chart.first.active, chart.last.active) == ([], [("0.0", "210.0")], 3, 3)


def test_over_the_seats():
    assert len(chart_of(points(10, 12, 14, 9)).over) == 2
    assert chart_of(points(10, 12, seats=None)).over == []


def test_months_are_marked_where_they_begin():
    chart = chart_of(points(*[1] * 60))
    assert [month.day for month in chart.months] == [date(2026, 4, 1), date(2026, 5, 1)]
    assert [month.alt for month in chart.months] == [False, True]


def test_the_peak_is_the_first_of_the_highest():
    assert chart_of(points(1, 7, 7)).peak.day == FIRST + timedelta(days=1)
