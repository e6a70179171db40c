"""Timing two things in turn, so that what disturbs one disturbs the other."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 15
ROUND_SECONDS = 0.08
"""One round of one thing: long enough for the clock, short enough that a noisy neighbour spoils one round, not all."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the table. `ratio` is ours to the floor (or the floor to ours where more is better, see `goal`)."""

    name: str
    ours: str
    floor: str
    ratio: float
    goal: str
    met: bool


def seconds_per_call(call: Callable[[], object], number: int) -> float:
    began = time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - began) / number


def in_turn(ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Median seconds a call of each, over ROUNDS rounds A B A B."""
    numbers = [max(1, int(ROUND_SECONDS / max(seconds_per_call(call, 3), 1e-9))) for call in (ours, floor)]
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for call, number, kept in zip((ours, floor), numbers, times, strict=True):
                kept.append(seconds_per_call(call, number))
    finally:
        gc.enable()
    return statistics.median(times[0]), statistics.median(times[1])


def in_words(seconds: float) -> str:
    """Such as 51.3 µs."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
