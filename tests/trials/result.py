"""What a trial comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Result:
    """A line of the table. `output` is what to read where it didn't hold."""

    what: str
    held: bool
    told: str
    output: str = ""
