"""From nothing to the first page, against installing and migrating alone: fresh clones, a warm download cache."""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measure import Figure, in_words
from demo.place import PORTS, ROOT, base_environment

GOAL = 1.5
ROUNDS = 2
"""In turn, after one round that fills the download cache and isn't counted."""
FIRST_PORT = 18_400
FIRST_PAGE_WITHIN = 180.0
"""Seconds."""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="kw-setup-") as temporary:
        folder = Path(temporary)
        _timed(folder, _floor)
        floors, ours = [], []
        for _ in range(ROUNDS):
            floors.append(_timed(folder, _floor))
            ours.append(_timed(folder, _demo))
    mine, bare = statistics.median(ours), statistics.median(floors)
    yield Figure(
        name="Set-up: `make demo` in a fresh clone to the first page, against installing and migrating alone",
        ours=in_words(mine),
        floor=in_words(bare),
        ratio=mine / bare,
        goal=f"at most {GOAL}",
        met=mine / bare <= GOAL,
    )


def _timed(folder: Path, what: Callable[[Path], float]) -> float:
    """Seconds until the instant that `what` returns; what it tidies up after that isn't counted."""
    clone = folder / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    began = time.perf_counter()
    return what(clone) - began


def _floor(clone: Path) -> float:
    """The least that anybody needs: an environment, the locked packages, and the tables of both databases."""
    env = base_environment()
    python, uv = clone / ".venv/bin/python", clone / ".venv/bin/uv"
    packages = [part for path in sorted((clone / "packages").iterdir()) for part in ("-e", str(path))]
    steps: list[list[str | Path]] = [
        ["python3", "-m", "venv", "--without-pip", clone / ".venv"],
        ["python3", "-m", "pip", "--python", python, "install", "-q", "-r", clone / "requirements/bootstrap.txt"],
        [
            uv,
            "pip",
            "install",
            "-q",
            "--system-certs",
            "--compile-bytecode",
            "--python",
            python,
            "-r",
            clone / "requirements/run.txt",
        ],
        [uv, "pip", "install", "-q", "--python", python, "--no-deps", "--no-build-isolation", *packages],
    ]
    for step in steps:
        subprocess.run([str(part) for part in step], check=True, env=env, stderr=subprocess.DEVNULL)
    secrets = ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET", "KEYS_PASSPHRASE")
    migrate_env = {
        **env,
        **{f"KEYWRIGHT_{name}": "bench" for name in secrets},
        "KEYWRIGHT_CONSOLE_SECRET_KEY": "bench",
        "KEYWRIGHT_DATABASE_URL": f"sqlite:///{clone / 'portal.sqlite3'}",
        "KEYWRIGHT_CONSOLE_DATABASE_URL": f"sqlite:///{clone / 'console.sqlite3'}",
    }
    for project in ("portal", "console"):
        subprocess.run(
            [str(clone / ".venv/bin/django-admin"), "migrate", "-v", "0"],
            check=True,
            env={**migrate_env, "DJANGO_SETTINGS_MODULE": f"keywright_{project}.config.settings"},
        )
    return time.perf_counter()


def _demo(clone: Path) -> float:
    """What the README says, until the first page answers."""
    ports = {name: str(FIRST_PORT + number) for number, name in enumerate(PORTS)}
    log = clone.parent / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen(
            ["make", "demo"],
            cwd=clone,
            env={**base_environment(), **ports},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(f"http://127.0.0.1:{ports['KEYWRIGHT_PORTAL_PORT']}/", demo, log)
        return time.perf_counter()
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait()


def _wait(url: str, demo: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + FIRST_PAGE_WITHIN
    while time.monotonic() < until and demo.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as page:
                if re.search(rb"<h1", page.read()):
                    return
        except (OSError, urllib.error.URLError):
            time.sleep(0.02)
    raise RuntimeError(f"the demo didn't come up: {log.read_text(errors='replace')[-2000:]}")
