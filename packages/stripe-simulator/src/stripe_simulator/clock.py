"""The simulator's time: the machine's, moved by an offset that the control plane sets."""

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """`offset` is in seconds and may be negative. Entry points ask once and pass `now` on."""

    offset: float = 0.0

    def now(self) -> int:
        """Unix seconds, as every time in Stripe's API."""
        return int(self.precise_now())

    def precise_now(self) -> float:
        return time.time() + self.offset
