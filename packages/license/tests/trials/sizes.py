"""How much a trial counts: little among the tests, all of it in `make trials`."""

from __future__ import annotations

import os

VARIABLE = "KEYWRIGHT_TRIAL_SIZE"


def size(short: int) -> int:
    return int(os.environ.get(VARIABLE, short))
