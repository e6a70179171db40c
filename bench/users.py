"""The console with a million users, on both databases: the active count, and how much each page of the list asks."""

from __future__ import annotations

from collections.abc import Iterator

from bench.console import DATABASES, run
from bench.measure import Figure


def figures() -> Iterator[Figure]:
    for database in DATABASES:
        yield from run("users", database)
