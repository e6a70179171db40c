"""The trials that are the portal's and the console's own tests: what is tried in short and in long is the same code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

from trials.result import Result

PACKAGES: Final = Path(__file__).resolve().parent.parent.parent / "packages"
PORTAL: Final = PACKAGES / "portal"
CONSOLE: Final = PACKAGES / "console"
OUTCOME: Final = re.compile(r"(\d+) (passed|failed|errors?)")
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
EVERY_ORDER_OF_EVENTS: Final = 1_631
"""Those of one to six events that tell of the payment, as the test counts them."""
LEDGERS: Final = 5_000
"""Half of them on each database, since there are two cores."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Tests to run, and on what. `size` is what the trial counts: rounds, sequences, signatures; in words, `of`."""

    files: tuple[str, ...]
    size: int
    of: str
    databases: tuple[str, ...] = (SQLITE, POSTGRESQL)
    variable: str = "KEYWRIGHT_TRIAL_SIZE"
    package: Path = PORTAL


def whole(file: str, size: int, of: str, *databases: str) -> Suite:
    return Suite(files=(f"tests/lose_nothing/{file}",), size=size, of=of, databases=databases or (SQLITE, POSTGRESQL))


SUITES: Final[Mapping[str, Suite]] = {
    "events": whole("test_events_in_any_order.py", EVERY_ORDER_OF_EVENTS, "orders of events"),
    "fifty": whole("test_fifty_at_once.py", 200, "rounds"),
    "buyers": whole("test_buyers_at_once.py", 1_000, "rounds"),
    "lost": whole("test_webhooks_lost.py", 40, "purchases"),
    "signatures": whole("test_forged_events.py", 100_000, "signatures", SQLITE),
    "ledger": whole("test_ledger.py", LEDGERS // 2, "runs of 50 steps"),
    "carts": Suite(
        files=("tests/domain/test_random_carts.py",),
        size=50_000,
        of="carts",
        databases=(SQLITE,),
        variable="KEYWRIGHT_CARTS",
    ),
    "activations": Suite(
        files=("tests/licensing/test_activation_races.py",), size=1_000, of="rounds", databases=(POSTGRESQL,)
    ),
    "usage": Suite(files=("tests/licensing/test_usage_trial.py",), size=10_000, of="usage reports"),
    "reissue": Suite(files=("tests/licensing/test_reissue_trial.py",), size=10_000, of="licenses issued anew, twice"),
    "nodes": Suite(
        files=("tests/races/test_two_nodes.py",),
        size=200,
        of="nodes killed beside another",
        databases=(POSTGRESQL,),
        package=CONSOLE,
    ),
    "journeys": Suite(
        files=tuple(
            sorted(
                str(path.relative_to(PORTAL))
                for pattern in ("test_*_journeys.py", "test_*browser*.py")
                for path in (PORTAL / "tests").rglob(pattern)
            )
        ),
        size=1,
        of="walk through every page in a browser",
        databases=(POSTGRESQL,),
    ),
    "console-journeys": Suite(
        files=tuple(sorted(str(path.relative_to(CONSOLE)) for path in (CONSOLE / "tests").rglob("test_*browser*.py"))),
        size=1,
        of="walk through every page in a browser",
        databases=(POSTGRESQL,),
        package=CONSOLE,
    ),
    "demo-key": Suite(
        files=("tests/licensing/test_production_build.py",),
        size=7,
        of="values for every environment variable",
        databases=(SQLITE,),
        package=CONSOLE,
    ),
    "races": Suite(
        files=(
            "tests/orders/test_order_races.py",
            "tests/orders/test_money_races.py",
            "tests/orders/test_coupon_races.py",
            "tests/payments/test_keep_event.py",
            "tests/api/test_webhook.py",
            "tests/billing/test_issue_invoice.py",
            "tests/billing/test_record_payment.py",
            "tests/billing/test_credit_notes.py",
            "tests/billing/test_card_tries.py",
            "tests/billing/test_saved_cards.py",
            "tests/licensing/test_issue.py",
            "tests/licensing/test_bundles.py",
            "tests/licensing/test_reissue.py",
            "tests/kit/test_outbox.py",
            "tests/jobs/test_schedule.py",
        ),
        size=50,
        of="rounds a race",
        databases=(POSTGRESQL,),
        variable="KEYWRIGHT_RACE_ROUNDS",
    ),
}


def run_suite(suite: Suite, *, name: str, folder: Path, server: str) -> list[Result]:
    """Once a database, side by side: each has a core of its own on two."""
    started = [
        (database, _start(suite, database, name=name, folder=folder, server=server)) for database in suite.databases
    ]
    results = []
    for database, process in started:
        said, _nothing = process.communicate()
        last = said.strip().splitlines()[-1] if said.strip() else ""
        told = ", ".join(f"{count} {what}" for count, what in OUTCOME.findall(last))
        results.append(
            Result(
                what=f"{suite.size:,} {suite.of}, {database}",
                held=process.returncode == 0 and bool(told),
                told=f"{told or 'no test ran'}, twins included",
                output="" if process.returncode == 0 else said,
            )
        )
    return results


def _start(suite: Suite, database: str, *, name: str, folder: Path, server: str) -> subprocess.Popen[str]:
    url = f"sqlite:///{folder / f'{name}.sqlite3'}" if database == SQLITE else own_database(server, f"trial_{name}")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", *suite.files],
        cwd=suite.package,
        env={**os.environ, "KEYWRIGHT_TEST_DATABASE_URL": url, suite.variable: str(suite.size)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def own_database(server: str, name: str) -> str:
    """The address of a new database on the server."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
