"""The long trials: hundreds of rounds of each race that `make test` runs a few times. `python -m tests.trials [NAME …]`

A trial is a set of the portal's own tests, run on PostgreSQL with KEYWRIGHT_RACE_ROUNDS set: what is tried in short and
in long is the same code. The twins without their guards run along, so that each trial is seen to be able to fail.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PORTAL: Final = ROOT / "packages" / "portal"
POSTGRES_VARIABLE: Final = "KEYWRIGHT_TEST_POSTGRES_URL"
ROUNDS_VARIABLE: Final = "KEYWRIGHT_RACE_ROUNDS"
ROUNDS: Final = "100"
"""Enough for a window that is hit once in thirty to be hit; a trial then takes a minute at most on two cores."""
OUTCOME: Final = re.compile(r"(\d+) (passed|failed|errors?)")

ORDERS: Final = "tests/orders/test_order_races.py"
TRIALS: Final[Mapping[str, tuple[str, str]]] = {
    "fulfil": (ORDERS, "fulfilled_once or constraints_alone or several_licenses"),
    "choose": (ORDERS, "many_tabs or different_choices or every_tab"),
    "pay": (ORDERS, "many_times_at_once or double_click or change_and_a_payment or let_go_too or discarded_while"),
    "payer": (ORDERS, "one_record or several_records"),
    "events": ("tests/payments/test_keep_event.py", "fifty"),
    "webhook": ("tests/api/test_webhook.py", "at_once"),
    "invoices": ("tests/billing/test_issue_invoice.py", "at_once or comes_twice or leaves_a_gap"),
    "licenses": ("tests/licensing/test_issue.py", "at_once or forks or two_files"),
    "mail": ("tests/kit/test_outbox.py", "at_once or makes_several or many_workers"),
    "schedule": ("tests/jobs/test_schedule.py", "look_at_once or every_worker"),
}


def run(name: str) -> tuple[bool, str, float]:
    """One trial: whether it held, how many of its tests passed and failed, and how many seconds it took."""
    file, chosen = TRIALS[name]
    rounds = os.environ.get(ROUNDS_VARIABLE, ROUNDS)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", file, "-k", chosen],
        cwd=PORTAL,
        env={
            **os.environ,
            "KEYWRIGHT_TEST_DATABASE_URL": os.environ[POSTGRES_VARIABLE],
            ROUNDS_VARIABLE: rounds,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    told = ", ".join(f"{count} {what}" for count, what in OUTCOME.findall(last)) or "no test ran"
    return done.returncode == 0, told, time.monotonic() - began


def main() -> int:
    """A line a trial; the exit status is the number of those that failed."""
    names = sys.argv[1:] or list(TRIALS)
    unknown = [name for name in names if name not in TRIALS]
    if unknown:
        print(f"There is no trial {', '.join(unknown)}. Trials: {', '.join(TRIALS)}.")
        return 2
    if POSTGRES_VARIABLE not in os.environ:
        print(f"{POSTGRES_VARIABLE} is not set. Run `make trials`, which starts a server, or name one.")
        return 2
    print(f"{os.environ.get(ROUNDS_VARIABLE, ROUNDS)} rounds a race, on PostgreSQL\n")
    print(f"{'trial':<10} {'outcome':<8} {'seconds':>8}  tests")
    failed = 0
    for name in names:
        held, told, seconds = run(name)
        failed += not held
        print(f"{name:<10} {'held' if held else 'FAILED':<8} {seconds:>8.1f}  {told}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
