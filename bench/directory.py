"""Users from a directory: synchronizing against fetching alone, 10,000 and 100,000, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

from bench.console import DATABASES, run
from bench.measure import Figure


def figures() -> Iterator[Figure]:
    for database in DATABASES:
        yield from run("directory", database)
