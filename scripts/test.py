"""`make test`: format, lint, walls, types, then every test, on both databases. `make test ONLY=portal` runs a part.

Every stage runs even where one before it failed, so that one run tells all; the end says which failed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import services

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
AT_ONCE = 3
"""Stages side by side: a browser's test and a command's wait more than they work, so three keep two cores busy."""
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped)")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One command. `group` is what ONLY= chooses by; `database` says on which database its tests run."""

    name: str
    group: str
    command: tuple[str, ...]
    folder: str = "."
    database: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a stage ended. `counts` has its tests by outcome."""

    name: str
    ok: bool
    counts: dict[str, int]


def mypy(cache: str, *arguments: str) -> tuple[str, ...]:
    """Each run has a cache of its own: two that share one at the same time break it."""
    return (str(BIN / "mypy"), f"--cache-dir=.mypy_cache/{cache}", *arguments)


def pytest(group: str, folder: str, *databases: str) -> list[Stage]:
    """A suite, once a database. Coverage is counted on SQLite alone: counting takes time, and the code is the same."""
    plain = ("-m", "pytest", "-q", "--durations=15", "--durations-min=2")
    once = tuple(f"--ignore-glob={ROOT / folder / files}" for files in ONCE.get(folder, ()))
    counted = (str(BIN / "coverage"), "run", f"--rcfile={ROOT / 'pyproject.toml'}", *plain)
    return [
        Stage(
            name=f"tests of {folder}{f' on {database}' if database else ''}",
            group=group,
            command=(str(BIN / "python"), *plain, *once) if database == "PostgreSQL" else counted,
            folder=folder,
            database=database,
        )
        for database in databases or ("",)
    ]


BOTH = ("SQLite", "PostgreSQL")
ONCE = {
    "packages/portal": ("tests/**/test_*_journeys.py", "tests/**/test_*browser*.py"),
    "packages/console": ("tests/**/test_*browser*.py", "tests/cli/test_*.py", "tests/clients/test_*.py"),
}
"""What is slow and meets its database through services that are tested on both anyway: pages in a browser, and commands
as processes, which have a SQLite file of their own. On PostgreSQL `make trials TRIAL=journeys` looks at the pages.
"""
CHECKS = [
    Stage(name="format", group="lint", command=(str(BIN / "ruff"), "format", "--check", "--quiet", ".")),
    Stage(name="lint", group="lint", command=(str(BIN / "ruff"), "check", "--quiet", ".")),
    Stage(name="walls", group="lint", command=(str(BIN / "lint-imports"), "--no-cache")),
    Stage(name="types: license", group="lint", command=mypy("license", "packages/license/src")),
    Stage(name="types: simulator", group="lint", command=mypy("simulator", "packages/stripe-simulator/src")),
    Stage(name="types: demo and benchmarks", group="lint", command=mypy("demo", "demo", "bench", "scripts")),
    Stage(
        name="types: portal and look",
        group="lint",
        command=mypy("portal", "--config-file", "packages/portal/mypy.ini", "packages/portal/src", "packages/look/src"),
    ),
    Stage(
        name="types: console",
        group="lint",
        command=mypy("console", "--config-file", "packages/console/mypy.ini", "packages/console/src"),
    ),
]
# The longest first, so that no lane waits for a late long one.
TESTS = [
    *pytest("portal", "packages/portal", *BOTH),
    *pytest("console", "packages/console", *BOTH),
    *pytest("whole", "tests"),
    *pytest("simulator", "packages/stripe-simulator"),
    *pytest("look", "packages/look"),
    *pytest("license", "packages/license"),
]


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    stages = [stage for stage in CHECKS + TESTS if not wanted or stage.group == wanted]
    if not stages:
        groups = ", ".join(dict.fromkeys(stage.group for stage in CHECKS + TESTS))
        print(f"There is no part {wanted!r}. Parts: {groups}.")
        return 2
    with ExitStack() as stack:
        environment = {**os.environ, "COVERAGE_FILE": str(ROOT / ".coverage")}
        if any(stage.database == "PostgreSQL" or stage.group == "whole" for stage in stages):
            environment[services.POSTGRES_VARIABLE] = stack.enter_context(services.postgres())
        if any(stage.group not in ("lint", "license") for stage in stages):
            environment[services.CHROMIUM_VARIABLE] = services.chromium()
        if any(stage.group == "portal" for stage in stages):
            environment[services.SOFTHSM_VARIABLE] = services.softhsm()
        if any(stage.group == "console" for stage in stages):
            environment[services.SLAPD_VARIABLE] = services.slapd()
            services.shells()
        with ThreadPoolExecutor(AT_ONCE) as lanes:
            done = list(lanes.map(lambda stage: run(stage, environment), stages))
    counts = {what: sum(result.counts.get(what, 0) for result in done) for what in ("passed", "failed", "skipped")}
    failed = [result.name for result in done if not result.ok]
    if not wanted:
        failed += coverage()
    for name in failed:
        print(f"FAILED: {name}")
    failures = counts["failed"] or len(failed)
    print(f"{counts['passed']} passed, {failures} failed, {counts['skipped']} skipped")
    return 1 if failed else 0


def run(stage: Stage, environment: dict[str, str]) -> Result:
    """Run one stage, print what it said once it is done, and add up what its tests say."""
    variables = dict(environment)
    if stage.database == "PostgreSQL":
        variables["KEYWRIGHT_TEST_DATABASE_URL"] = own_database(environment[services.POSTGRES_VARIABLE], stage.group)
    print(f".. {stage.name}", flush=True)
    began = time.monotonic()
    process = subprocess.run(
        stage.command,
        cwd=ROOT / stage.folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    ok = process.returncode == 0
    counts: dict[str, int] = {}
    summary = next((line for line in reversed(process.stdout.splitlines()) if COUNT.search(line)), "")
    for number, what in COUNT.findall(summary):
        kind = "failed" if what.startswith("error") else what
        counts[kind] = counts.get(kind, 0) + int(number)
    verdict = f"-- {stage.name}: {'ok' if ok else 'FAILED'}, {time.monotonic() - began:.0f} s"
    print(f"\n== {stage.name}\n{process.stdout}{verdict}\n", flush=True)
    return Result(name=stage.name, ok=ok, counts=counts)


def own_database(server: str, name: str) -> str:
    """The address of a new database on the server: stages run side by side, so each has its own."""
    import psycopg  # noqa: PLC0415 (`make lint` needs no database)

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))


def coverage() -> list[str]:
    """Put together what every run covered. The floor is in pyproject.toml."""
    print("\n== coverage", flush=True)
    tool = str(BIN / "coverage")
    subprocess.run([tool, "combine", "--quiet"], cwd=ROOT, check=False)
    report = subprocess.run([tool, "report", "--skip-covered"], cwd=ROOT, check=False)
    return ["coverage"] if report.returncode else []


if __name__ == "__main__":
    sys.exit(main())
