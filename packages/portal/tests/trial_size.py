"""How long a trial is: short in the tests, and as long as `make trials` says there."""

from __future__ import annotations

import os


def trial_size(*, short: int) -> int:
    """Rounds, or whatever it counts."""
    return int(os.environ.get("KEYWRIGHT_TRIAL_SIZE", str(short)))
