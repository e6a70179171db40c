"""A product that runs for years of simulated time, with a clock that people set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keywright_license.clock import HighWater, next_mark, trusted_now

TICK = timedelta(hours=1)
NONE = timedelta(0)


@dataclass
class Machine:
    """`real` is the time that nobody here can ask for; the clock shows it plus `wrong`."""

    real: datetime
    signed_at: datetime
    wrong: timedelta = NONE
    stored: str | None = None
    mine: HighWater | None = None
    ran: timedelta = field(default=NONE)

    @property
    def clock(self) -> datetime:
        return self.real + self.wrong

    def tick(self, elapsed: timedelta) -> None:
        mark = None if self.stored is None else HighWater.parse(self.stored)
        self.mine = next_mark(now=self.clock, mark=mark, before=self.mine, elapsed=elapsed, signed_at=self.signed_at)
        self.stored = str(self.mine)

    def start(self) -> None:
        """A new process: it remembers nothing but what was stored."""
        self.mine = None
        self.tick(NONE)

    def run(self, span: timedelta) -> None:
        until = self.real + span
        while self.real < until:
            step = min(TICK, until - self.real)
            self.real += step
            self.ran += step
            self.tick(step)

    def off(self, span: timedelta) -> None:
        self.real += span
        self.start()

    def trusted(self) -> datetime:
        return trusted_now(now=self.clock, mark=self.mine)
