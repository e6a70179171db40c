"""A mark that time does not fall behind, so that a clock set back extends no term. Pure: the product stores the mark.

Read and write the mark in one transaction, once a minute and at start:

    mark = next_mark(now=now, mark=stored, before=mine, elapsed=monotonic_now - monotonic_then)   # store it, keep it
    license.state(now=trusted_now(now=now, mark=mark))

Two things move the mark, and no reading of the clock does by itself:
- Time that passed while the product ran, by a monotonic clock, which nobody sets. So the mark goes on where the clock
  was set back, by an hour or a year, and the term ends when it would have.
- The clock, where it has been ahead of the mark for `CONFIRMED_AFTER` of such time: by the least that it was ahead. So
  the mark catches up after a machine was off, and a clock set a year ahead by mistake, and put right within these
  days, leaves no trace.

Time during which nothing ran is not seen: a clock that is set back then, at every start, is beyond this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

# Of running. Long enough that a wrong clock is noticed, since licenses show as expired meanwhile; shorter than grace.
CONFIRMED_AFTER = timedelta(days=7)

_NONE = timedelta(0)
_PARTS = 3


@dataclass(frozen=True, slots=True)
class HighWater:
    """`at`: it is at least this time. `lead`: by how much the clock has been ahead of that, at the least, for `held`
    of running.
    """

    at: datetime
    lead: timedelta = _NONE
    held: timedelta = _NONE

    def __str__(self) -> str:
        """What a product stores: time in ISO 8601, and two numbers of seconds."""
        return f"{self.at.astimezone(UTC).isoformat()} {self.lead.total_seconds()} {self.held.total_seconds()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of what `str` gave. ValueError: something else."""
        parts = text.split(" ")
        if len(parts) != _PARTS:
            msg = f"no mark of a clock: {text!r}"
            raise ValueError(msg)
        at = datetime.fromisoformat(parts[0])
        lead, held = (timedelta(seconds=float(part)) for part in parts[1:])
        if at.tzinfo is None or lead < _NONE or held < _NONE:
            msg = f"no mark of a clock: {text!r}"
            raise ValueError(msg)
        return cls(at, lead, held)


def trusted_now(*, now: datetime, mark: HighWater | None) -> datetime:
    """The time to judge licenses by: the clock's, unless it is behind the mark."""
    return now if mark is None else max(now, mark.at)


def next_mark(
    *,
    now: datetime,
    mark: HighWater | None,
    before: HighWater | None = None,
    elapsed: timedelta = _NONE,
    signed_at: datetime | None = None,
) -> HighWater:
    """The mark to store in the place of `mark` (None: there was none yet).

    `before` is what this process got from here the last time, and `elapsed` the time since then by a monotonic clock;
    both are left out at its start. So any number of nodes may move one mark without counting the same hour twice.
    `signed_at` is a time that the vendor signed (a license's or a bundle's `issued_at`): it is later than that. Give
    the license's always; the first mark of all is that, or else the clock's.
    """
    if elapsed < _NONE:
        raise ValueError("a monotonic clock does not go back")
    if mark is None:
        # A clock may be wrong at the first start of all: what the vendor signed is sure, the rest must be confirmed.
        return _ahead(HighWater(now if signed_at is None else signed_at), now=now, ran=_NONE)
    at = mark.at if before is None else max(mark.at, before.at + elapsed)
    ran = at - mark.at
    if signed_at is not None:
        at = max(at, signed_at)
    return _ahead(HighWater(at, mark.lead, mark.held), now=now, ran=ran)


def _ahead(mark: HighWater, *, now: datetime, ran: timedelta) -> HighWater:
    """The mark with what the clock says beside it, after `ran` more of running."""
    lead = now - mark.at
    if lead <= _NONE:
        return HighWater(mark.at)
    if not mark.lead:
        return HighWater(mark.at, lead)
    lead, held = min(lead, mark.lead), mark.held + ran
    return HighWater(mark.at, lead, held) if held < CONFIRMED_AFTER else HighWater(mark.at + lead)
