"""A whole portal for a trial: database, web server, queue's worker and the provider's simulator, a process each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit

import psycopg

from simulator import NO_PROXY, SimulatorProcess, free_port
from trials.buyer import Buyer

HERE: Final = Path(__file__).resolve().parent
STARTS_WITHIN: Final = 60.0
STARTS: Final = 3
"""Tries."""
STOPS_WITHIN: Final = 20.0
PAUSE: Final = 0.05
SECRET: Final = "whsec_simulator"
PORTAL, WORKER = "portal", "worker"
COMMANDS: Final = {PORTAL: "serve", WORKER: "worker"}
EVENTS_PER_PURCHASE: Final = 20
"""More than the provider makes of one."""


def environment(database_url: str, folder: Path) -> dict[str, str]:
    """Ours without anything that was meant for another installation."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KEYWRIGHT_", "DJANGO_"))}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "keywright_portal.config.settings",
        "KEYWRIGHT_SECRET_KEY": "only-for-trials",
        "KEYWRIGHT_DATABASE_URL": database_url,
        "KEYWRIGHT_STRIPE_SECRET_KEY": "sk_test_simulator",
        "KEYWRIGHT_STRIPE_PUBLISHABLE_KEY": "pk_test_simulator",
        "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": SECRET,
        "KEYWRIGHT_KEYS_PASSPHRASE": "only-for-trials",
        "KEYWRIGHT_KEYS_DIR": str(folder / "keys"),
        "KEYWRIGHT_STATIC_FROM_PACKAGES": "1",
        "KEYWRIGHT_EMAIL_BACKEND": "keywright_portal.web.mailbox.MailboxBackend",
        "KEYWRIGHT_DEMO_DIR": str(folder),
        "KEYWRIGHT_CLOCK_FILE": str(folder / "clock-offset"),
    }


@dataclass
class Template:
    """What every installation begins with: making it takes seconds, copying it none."""

    folder: Path
    server: str | None
    """A PostgreSQL server's address; None for SQLite."""
    number_of_buyers: int
    buyers: list[dict[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "SQLite" if self.server is None else "PostgreSQL"

    def make(self) -> None:
        self.folder.mkdir(parents=True)
        done = subprocess.run(
            [sys.executable, HERE / "prepare.py", str(self.number_of_buyers)],
            env=environment(self._create("template"), self.folder),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.buyers = json.loads(done.stdout)

    def copy(self, name: str) -> Installation:
        folder = self.folder / name
        folder.mkdir()
        shutil.copytree(self.folder / "keys", folder / "keys")
        return Installation(self._create(name, like="template"), folder, self.buyers)

    def _create(self, name: str, *, like: str = "") -> str:
        if self.server is None:
            file = self.folder / f"{name}.sqlite3"
            if like:
                # Through SQLite: what stands in the log beside the file comes along.
                with (
                    closing(sqlite3.connect(self.folder / f"{like}.sqlite3")) as old,
                    closing(sqlite3.connect(file)) as new,
                ):
                    old.backup(new)
            return f"sqlite:///{file}"
        database = f"trial_{self.folder.name}_{name}".replace("-", "_")
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            suffix = f' TEMPLATE "trial_{self.folder.name}_{like}"'.replace("-", "_") if like else ""
            connection.execute(f'CREATE DATABASE "{database}"{suffix}')
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{database}"))


class Installation:
    """One portal on a free port. `with installation:` starts everything, and stops it at the end."""

    def __init__(self, database_url: str, folder: Path, buyers: Sequence[dict[str, str]]) -> None:
        self.database_url = database_url
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator = SimulatorProcess(webhook_url=f"{self.url}/webhooks/stripe/", webhook_secrets=[SECRET])
        self.points: Sequence[str] = ()
        self.guard_off = ""
        self.clock_offset = 0
        self._buyers = iter(enumerate(buyers))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._start_simulator()
        try:
            self.start(PORTAL)
            self.start(WORKER)
            self.wait_until_served()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in (PORTAL, WORKER):
            self.kill(process)
        self.simulator.stop()

    def _start_simulator(self) -> None:
        """It gives itself less time than many lanes need that all start at once on two cores."""
        for tries_left in reversed(range(STARTS)):
            try:
                self.simulator.start()
            except RuntimeError:
                if not tries_left:
                    raise
            else:
                return

    # ---- Its people -------------------------------------------------------------------------------------------------

    def next_buyer(self) -> Buyer:
        """Somebody who hasn't bought yet."""
        number, buyer = next(self._buyers)
        return Buyer(**buyer, portal=self.url, simulator=self.simulator, number=number)

    # ---- Its processes ----------------------------------------------------------------------------------------------

    @property
    def armed(self) -> Path:
        return self.folder / "armed"

    def start(self, process: str) -> None:
        variables = environment(self.database_url, self.folder) | {
            "KEYWRIGHT_PORTAL_URL": self.url,
            "KEYWRIGHT_STRIPE_API_URL": self.simulator.origin,
            "KEYWRIGHT_STRIPE_JS_URL": f"{self.simulator.origin}/v3/",
        }
        if self.points:
            variables |= {
                "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE / "dying"), variables.get("PYTHONPATH")))),
                "KEYWRIGHT_TRIAL_POINTS": ",".join(self.points),
                "KEYWRIGHT_TRIAL_PROCESS": process,
                "KEYWRIGHT_TRIAL_ARMED": str(self.armed),
                "KEYWRIGHT_TRIAL_GUARD_OFF": self.guard_off,
            }
        arguments = ["--port", str(self.port)] if process == PORTAL else []
        with (self.folder / f"{process}.log").open("ab") as log:
            self._running[process] = subprocess.Popen(
                [sys.executable, "-m", "keywright_portal", COMMANDS[process], *arguments],
                env=variables,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_served(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            try:
                with NO_PROXY.open(f"{self.url}/static/none.css", timeout=STARTS_WITHIN):
                    return
            except HTTPError as error:
                error.close()
                return
            except OSError:
                assert self._running[PORTAL].poll() is None, (self.folder / "portal.log").read_text()[-3000:]
                time.sleep(PAUSE)
        raise AssertionError(f"The portal didn't answer within {STARTS_WITHIN} s.")

    def is_running(self, process: str) -> bool:
        return process in self._running and self._running[process].poll() is None

    def kill(self, process: str) -> None:
        """SIGKILL to it and to all that it started. Returns when it is gone."""
        running = self._running.pop(process, None)
        if running is not None:
            self._signal(running, signal.SIGKILL)
            running.wait(STOPS_WITHIN)

    def stop(self, process: str) -> None:
        """As a system administrator does it."""
        running = self._running.pop(process)
        running.send_signal(signal.SIGTERM)
        running.wait(STOPS_WITHIN)
        self._signal(running, signal.SIGKILL)

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return

    # ---- Its time ---------------------------------------------------------------------------------------------------

    def advance_clock(self, seconds: int) -> None:
        """Move the portal's clock and the simulator's."""
        self.clock_offset += seconds
        fresh = self.folder / "clock-offset.new"
        fresh.write_text(str(self.clock_offset))
        fresh.rename(self.folder / "clock-offset")
        self.simulator.advance_clock(seconds)

    # ---- What it holds ----------------------------------------------------------------------------------------------

    def rows(self, query: str, *arguments: str) -> list[tuple[Any, ...]]:
        """Read its database, past the portal's own code. `%s` for each argument."""
        if self.database_url.startswith("sqlite"):
            file = self.database_url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(file, timeout=STOPS_WITHIN)) as connection:
                return connection.execute(query.replace("%s", "?"), arguments).fetchall()
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, arguments).fetchall()  # type: ignore[arg-type]

    def mails(self) -> Iterator[str]:
        """The Message-ID of each mail that went out, as often as it did."""
        for file in sorted((self.folder / "mail").glob("*.eml")):
            for line in file.read_text().splitlines():
                if line.lower().startswith("message-id:"):
                    yield line.partition(":")[2].strip()
                    break

    def hold_events(self) -> None:
        """What the provider makes from now on waits for `release_events`."""
        self.simulator.spoil_next_event("hold", times=EVENTS_PER_PURCHASE)

    def lose_events(self) -> None:
        self.simulator.spoil_next_event("drop", times=EVENTS_PER_PURCHASE)

    def release_events(self) -> None:
        self.simulator.clear_faults()
        self.simulator.release_held()
