"""The chart of active users and seats over some days: SVG paths, 1,000 wide and 300 high, as text that knows no locale.

Portal and console draw the same one, with `kw/usage_chart.html`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Protocol

WIDE: Final = 1000
HIGH: Final = 300
LINES: Final = 6
"""Lines of the grid at most, the lowest left out."""
STEPS: Final = (1, 2, 2.5, 5, 10)
"""Between two lines stand one of these, times a power of ten."""
HELD_TOGETHER: Final = timedelta(days=3)
"""Days without a count over which the line is drawn on. Over more it is broken: nobody knows what was between."""


class DayCount(Protocol):
    """The count of one UTC day."""

    @property
    def day(self) -> date: ...
    @property
    def active_users(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis. `at` is a place in the drawing, `share` the same in per cent."""

    at: str
    share: str
    value: date | int
    is_alternate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageChart:
    """Paths by what they show, and labels. `over` and `over_line` are empty while nobody is over the seats."""

    lines: tuple[Mark, ...]
    months: tuple[Mark, ...]
    area: str
    line: str
    over: str
    over_line: str
    seats: str
    zone: str
    seat_steps: tuple[Mark, ...]
    last: Mark
    last_active: int


@dataclass(frozen=True, slots=True)
class SeatStep:
    """From `day` on there are `seats`."""

    day: date
    seats: int


def seats_on(steps: Sequence[SeatStep], day: date) -> int:
    """How many seats there were on a day. Before the first step: as many as on it."""
    return next((step.seats for step in reversed(steps) if step.day <= day), steps[0].seats)


def draw(*, first: date, end: date, days: Sequence[DayCount], steps: Sequence[SeatStep]) -> UsageChart:
    """The chart from `first` up to, not with, `end`, of at least one count in it. Without a step no seats are drawn."""
    whole = (end - first).days
    top = _top(max(*(day.active_users for day in days), *(step.seats for step in steps), 1))

    def x(day: date) -> float:
        return (day - first).days / whole * WIDE

    def y(value: float) -> float:
        return HIGH - value / top[-1] * HIGH

    runs = list(_runs(days))
    over = [stretch for run in runs for stretch in _over(run, steps)] if steps else []
    stairs = [(x(max(step.day, first)), y(step.seats)) for step in steps]
    last = days[-1]
    return UsageChart(
        lines=tuple(Mark(_text(y(value)), "", value) for value in top),
        months=tuple(_months(first, end)),
        area="".join(_closed([(x(day.day), y(day.active_users)) for day in run], HIGH) for run in runs),
        line="".join(_open([(x(day.day), y(day.active_users)) for day in run]) for run in runs),
        over="".join(
            _between(
                [(x(day.day), y(day.active_users)) for day in stretch],
                [(x(day.day), y(seats_on(steps, day.day))) for day in stretch],
            )
            for stretch in over
        ),
        over_line="".join(_open([(x(day.day), y(day.active_users)) for day in stretch]) for stretch in over),
        seats=_stairs(stairs),
        zone=_above(stairs),
        seat_steps=tuple(
            Mark(_text(y(step.seats) - 10), _share(x(max(step.day, first))), step.seats) for step in steps
        ),
        last=Mark(_text(x(last.day)), _share(x(last.day)), last.day),
        last_active=last.active_users,
    )


def _top(most: int) -> list[int]:
    """The values of the grid's lines, from 0 to one that is at least `most`."""
    step = next(
        int(factor * 10**power)
        for power in range(20)
        for factor in STEPS
        if factor * 10**power == int(factor * 10**power) and factor * 10**power * LINES >= most
    )
    return list(range(0, -(-most // step) * step + 1, step))


def _runs(days: Sequence[DayCount]) -> Iterable[list[DayCount]]:
    run = [days[0]]
    for before, after in pairwise(days):
        if after.day - before.day > HELD_TOGETHER:
            yield run
            run = []
        run.append(after)
    yield run


def _over(run: Sequence[DayCount], steps: Sequence[SeatStep]) -> Iterable[list[DayCount]]:
    stretch: list[DayCount] = []
    for day in run:
        if day.active_users > seats_on(steps, day.day):
            stretch.append(day)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _months(first: date, end: date) -> Iterable[Mark]:
    day, number = first.replace(day=1), 0
    while True:
        day = (day + timedelta(days=32)).replace(day=1)
        if day >= end:
            return
        at = (day - first).days / (end - first).days * WIDE
        yield Mark(_text(at), _share(at), day, is_alternate=number % 2 == 1)
        number += 1


Point = tuple[float, float]


def _open(points: Sequence[Point]) -> str:
    """A line through the points. One alone is a line to itself, which a round cap makes a dot."""
    drawn = points if len(points) > 1 else [*points, *points]
    return "M" + " ".join(f"{_text(left)} {_text(high)}" for left, high in drawn)


def _closed(points: Sequence[Point], floor: float) -> str:
    return f"M{_text(points[0][0])} {_text(floor)}L{_open(points)[1:]}V{_text(floor)}Z"


def _between(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    return f"{_open(upper)} {_open(list(reversed(lower)))[1:]}Z"


def _stairs(stairs: Sequence[Point]) -> str:
    """Along the seats, from the first that are known to the right."""
    if not stairs:
        return ""
    drawn = f"M{_text(stairs[0][0])} {_text(stairs[0][1])}"
    for left, high in stairs[1:]:
        drawn += f"H{_text(left)}V{_text(high)}"
    return f"{drawn}H{WIDE}"


def _above(stairs: Sequence[Point]) -> str:
    """All that is above the seats, drawn back from the right."""
    if not stairs:
        return ""
    drawn = f"M{_text(stairs[0][0])} 0H{WIDE}V{_text(stairs[-1][1])}"
    for (left, _high), (_left, before) in zip(reversed(stairs[1:]), reversed(stairs[:-1]), strict=True):
        drawn += f"H{_text(left)}V{_text(before)}"
    return f"{drawn}H{_text(stairs[0][0])}Z"


def _text(number: float) -> str:
    return f"{number:.1f}"


def _share(at: float) -> str:
    return f"{at / WIDE * 100:.2f}%"
