"""The curve of active users. Pure: counts in, figures for a server-side SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

WIDTH, HEIGHT = 1000, 300
LINES = 5  # of the grid above nothing, at most; more crowd a phone
GAP = timedelta(days=1)  # further apart than this two counts are not joined: a day without a count is shown as none


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    day: date
    active: int
    seats: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month's mark: where, as a share of the width and in the drawing’s own units; `alt` ones go on a phone."""

    day: date
    share: str
    x: str
    alt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line of the grid with its label."""

    value: int
    y: str
    label_y: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    lines: list[str]
    areas: list[str]
    dots: list[tuple[str, str]]
    seats: list[str]
    over: list[str]
    grid: list[Mark]
    months: list[Month]
    first: Point
    last: Point
    peak: Point


def chart_of(points: Sequence[Point]) -> Chart | None:
    """The drawing of counts in the order of their days; None for none."""
    if not points:
        return None
    first, last = points[0].day, points[-1].day
    days = max((last - first).days, 1)
    highest = max(max(point.active, point.seats or 0) for point in points)
    step = grid_step(highest)
    lines = max(-(-highest // step), 1)
    top = step * lines

    def x(day: date) -> str:
        return _figure((day - first).days / days * WIDTH)

    def y(value: int) -> str:
        return _figure(HEIGHT - value / top * HEIGHT)

    runs = _runs(points)
    return Chart(
        lines=["M" + " ".join(f"{x(one.day)} {y(one.active)}" for one in run) for run in runs if len(run) > 1],
        areas=[
            f"M{x(run[0].day)} {HEIGHT}L"
            + " ".join(f"{x(one.day)} {y(one.active)}" for one in run)
            + f"L{x(run[-1].day)} {HEIGHT}Z"
            for run in runs
            if len(run) > 1
        ],
        dots=[(x(run[0].day), y(run[0].active)) for run in runs if len(run) == 1],
        seats=[
            f"M{x(one.day)} {y(one.seats)}H{x(following.day)}V{y(following.seats)}"
            for one, following in pairwise(points)
            if one.seats is not None and following.seats is not None
        ],
        over=[
            f"M{x(one.day)} {y(one.seats)}L{x(one.day)} {y(one.active)}L{x(two.day)} {y(two.active)}"
            f"L{x(two.day)} {y(one.seats)}Z"
            for run in runs
            for one, two in pairwise(run)
            if one.seats is not None
            and min(one.active, two.active) >= one.seats
            and max(one.active, two.active) > one.seats
        ],
        grid=[
            Mark(value=step * line, y=y(step * line), label_y=_figure(HEIGHT - line / lines * HEIGHT + 4))
            for line in range(lines + 1)
        ],
        months=_months(first, last, days),
        first=points[0],
        last=points[-1],
        peak=max(points, key=lambda one: one.active),
    )


def grid_step(highest: int) -> int:
    """A round number of which `LINES` reach `highest`: 1, 2 or 5 times a power of ten."""
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times * LINES >= highest:
                return step * times
        step *= 10


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """Days one after the other; where a day is missing a new run begins."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and point.day - runs[-1][-1].day <= GAP:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _months(first: date, last: date, days: int) -> list[Month]:
    found: list[Month] = []
    day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        share = (day - first).days / days * 100
        found.append(Month(day=day, share=f"{share:.2f}%", x=_figure(share * WIDTH / 100), alt=len(found) % 2 == 1))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _figure(value: float) -> str:
    """For SVG attributes, which know no locale."""
    return f"{value:.1f}"
