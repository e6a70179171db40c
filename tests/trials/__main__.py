"""The long trials, and a table of what they came to. `python -m tests.trials [NAME …]`; `make trials TRIAL=kill`.

`kill` runs real processes and ends them; the others are the packages' own tests, as long as a
trial is. Each runs along a twin without its guard, so that each is seen to be able to fail.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
POSTGRES_VARIABLE: Final = "KEYWRIGHT_TEST_POSTGRES_URL"
with suppress(ValueError):
    sys.path.remove(str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

from trials import license_suites  # noqa: E402 (its folder is on the path only now)
from trials.installation import Template  # noqa: E402
from trials.killing import Outcome, Run, without_a_transaction  # noqa: E402
from trials.points import POINTS  # noqa: E402
from trials.result import Result  # noqa: E402
from trials.suites import POSTGRESQL, SQLITE, SUITES, run_suite  # noqa: E402

ROUNDS: Final = 5
BUYERS: Final = len(POINTS) * ROUNDS + 1
"""An installation's: enough for all rounds and the twin, should other lanes not start."""
NAMES: Final = ("kill", *license_suites.NAMES, *SUITES)
LANES: Final = 2
"""Trials of one process at a time: a core each."""
BESIDE: Final = "license-fuzz"
"""Runs beside the trials on both databases, which wait for queues and locks half of the time: it lasts as long."""


def kill(*, folder: Path, server: str) -> Iterator[Result]:
    """Every point, five times, on both databases."""
    for database in (SQLITE, POSTGRESQL):
        template = Template(folder / f"kill-{database.lower()}", server if database == POSTGRESQL else None, BUYERS)
        template.make()
        run = Run(template, rounds=range(ROUNDS), hear=tell_death)
        run.run()
        twin = without_a_transaction(template)
        wrong = [outcome for outcome in run.outcomes if outcome.complaints]
        slowest = max(outcome.seconds for outcome in run.outcomes)
        asked = len(POINTS) * ROUNDS
        yield Result(
            what=f"{len(POINTS)} points, {ROUNDS} times, {database}",
            held=not wrong and not run.broken and len(run.outcomes) == asked and bool(twin.complaints),
            told=f"{len(run.outcomes) - len(wrong)} of {asked} right, the last after {slowest:.0f} s;"
            f" the twin {'fails' if twin.complaints else 'HOLDS'}",
            output="\n".join([*(f"{one.point.name}: {'; '.join(one.complaints)}" for one in wrong), *run.broken]),
        )


def tell_death(outcome: Outcome) -> None:
    said = "; ".join(outcome.complaints) or "right"
    print(f"    {outcome.seconds:>5.1f} s  {outcome.point.name}: {said[-300:]}", flush=True)


def suite(name: str) -> Callable[..., Iterator[Result]]:
    def run(*, folder: Path, server: str) -> Iterator[Result]:
        if name in license_suites.NAMES:
            yield from license_suites.run(name)
            return
        yield from run_suite(SUITES[name], name=name, folder=folder, server=server)

    return run


def takes_every_core(name: str) -> bool:
    """Whether it runs on both databases side by side; the others are one process each."""
    return name == "kill" or (name in SUITES and len(SUITES[name].databases) > 1)


class Table:
    """A line a result, told as it comes and all together at the end. Trials side by side share it."""

    def __init__(self) -> None:
        self.failed, self.lines, self._one_by_one = 0, list[str](), Lock()

    def play(self, name: str, *, folder: Path, server: str) -> None:
        """Run a trial to its end."""
        run = kill if name == "kill" else suite(name)
        since = time.monotonic()
        for result in run(folder=folder, server=server):
            with self._one_by_one:
                self._tell(name, result, seconds=time.monotonic() - since)

    def _tell(self, name: str, result: Result, *, seconds: float) -> None:
        self.failed += not result.held
        verdict = "held" if result.held else "FAILED"
        self.lines.append(f"{name:<16} {verdict:<8} {seconds:>8.0f}  {result.what}: {result.told}")
        print(self.lines[-1], flush=True)
        if result.output:
            print(result.output, file=sys.stderr)


def main() -> int:
    """A line a trial; the exit status is the number of those that failed."""
    names = sys.argv[1:] or list(NAMES)
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no trial {', '.join(unknown)}. Trials: {', '.join(NAMES)}.")
        return 2
    server = os.environ.get(POSTGRES_VARIABLE, "")
    if not server and not set(names) <= set(license_suites.NAMES):
        print(f"{POSTGRES_VARIABLE} is not set. Run `make trials`, which starts a server, or name one.")
        return 2
    print(f"{'trial':<16} {'outcome':<8} {'seconds':>8}  what", flush=True)
    table, began = Table(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="keywright-trials-") as folder:
        play = partial(table.play, folder=Path(folder), server=server)
        with ThreadPoolExecutor(1) as beside, ThreadPoolExecutor(LANES) as lanes:
            fuzz = beside.map(play, [name for name in names if name == BESIDE])
            for name in filter(takes_every_core, names):
                play(name)
            others = lanes.map(play, [name for name in names if name != BESIDE and not takes_every_core(name)])
            # The lists take what was raised there out of it.
            list(others), list(fuzz)
    print(f"\n{chr(10).join(table.lines)}\n\n{table.failed} failed, {(time.monotonic() - began) / 60:.0f} minutes")
    return table.failed


if __name__ == "__main__":
    sys.exit(main())
