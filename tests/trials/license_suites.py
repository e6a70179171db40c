"""The trials of the license library: its own tests at the size of a trial, and a fuzzer in its parsers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trials.result import Result

LICENSE: Final = Path(__file__).resolve().parent.parent.parent / "packages" / "license"
OUTCOME: Final = re.compile(r"(\d+) (passed|failed|errors?)")
RUNS: Final = re.compile(r"Done (\d+) runs")
SIZE: Final = "KEYWRIGHT_TRIAL_SIZE"
FUZZ_SECONDS: Final = int(os.environ.get("KEYWRIGHT_FUZZ_SECONDS", str(30 * 60)))
"""Half an hour, unless the environment says otherwise."""


@dataclass(frozen=True, kw_only=True)
class LicenseSuite:
    """Tests of the library, and what their size counts."""

    file: str
    size: int
    of: str


LICENSE_SUITES: Final[Mapping[str, LicenseSuite]] = {
    "license-mutated": LicenseSuite(
        file="test_mutated_files.py", size=1_000_000, of="mutated files, 10,000 sound ones"
    ),
    "license-keys": LicenseSuite(file="test_attackers_keys.py", size=10_000, of="attackers"),
    "license-node": LicenseSuite(file="test_node_agrees.py", size=100_000, of="files in Python and in Node"),
    "license-clock": LicenseSuite(file="test_any_clock.py", size=1_000, of="lives of a clock"),
    "license-places": LicenseSuite(file="test_places.py", size=20_000, of="artifacts in others’ places"),
    "license-parsers": LicenseSuite(file="test_parsers.py", size=20_000, of="damaged files for each parser"),
}
FUZZ: Final = "license-fuzz"
NAMES: Final = (FUZZ, *LICENSE_SUITES)
"""The longest first, so that no lane waits for a late long one."""


def run(name: str) -> Iterator[Result]:
    yield _fuzz() if name == FUZZ else _suite(LICENSE_SUITES[name])


def _suite(suite: LicenseSuite) -> Result:
    done = _python("-m", "pytest", "-q", "--tb=short", f"tests/trials/{suite.file}", **{SIZE: str(suite.size)})
    told = ", ".join(f"{count} {what}" for count, what in OUTCOME.findall(done.stdout[-200:]))
    return Result(
        what=f"{suite.size:,} {suite.of}",
        held=done.returncode == 0 and bool(told),
        told=told or "no test ran",
        output="" if done.returncode == 0 else done.stdout + done.stderr,
    )


def _fuzz() -> Result:
    done = _python("tests/trials/fuzz_parsers.py", str(FUZZ_SECONDS))
    runs = RUNS.search(done.stderr)
    return Result(
        what=f"the parsers under atheris, {FUZZ_SECONDS:,} s",
        held=done.returncode == 0 and runs is not None,
        told=f"{int(runs[1]):,} inputs, no crash" if runs else "it ended early",
        output="" if runs else done.stderr[-8_000:],
    )


def _python(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=LICENSE,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
