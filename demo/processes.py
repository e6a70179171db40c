"""The demo's processes: started together, watched, and stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo.place import DemoError

READY_WITHIN = 60.0
"""Seconds; a start takes one or two."""
STOPS_WITHIN = 10.0
"""Seconds that a process gets to finish what it does before it is killed."""
LAST_LINES = 15


@dataclass
class Processes:
    """Each runs in a process group of its own, so that Ctrl-C reaches us alone and we stop them in order."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str | Path], environment: dict[str, str]) -> None:
        self.logs.mkdir(exist_ok=True)
        with (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, name: str, command: Sequence[str | Path], environment: dict[str, str]) -> None:
        """Start something that ends by itself; `finish` waits for it."""
        self.start(name, command, environment)

    def finish(self, name: str) -> None:
        """Wait until it ended. Raises DemoError if it failed."""
        code = self.running[name].wait()
        del self.running[name]
        if code:
            raise DemoError(f"{name} failed.\n{self.tail(name)}")

    def wait_until_ready(self, name: str, url: str) -> None:
        """Until `url` answers with anything but a server's error. Raises DemoError if it never does."""
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            self.check()
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise DemoError(f"{name} didn’t answer at {url} within {READY_WITHIN:.0f} s.\n{self.tail(name)}")

    def check(self) -> None:
        """Raise DemoError if one of them ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise DemoError(f"{name} ended by itself (exit code {process.returncode}).\n{self.tail(name)}")

    def tail(self, name: str) -> str:
        log = self.logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join([f"  | {line}" for line in lines] + [f"  All of it: {log}"])

    def stop(self) -> None:
        """Ask each to end, the last started first; kill what doesn't."""
        for process in reversed(self.running.values()):
            _signal(process, signal.SIGTERM)
        until = time.monotonic() + STOPS_WITHIN
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, until - time.monotonic()))
            # What the process itself started is in its group, and goes with it.
            _signal(process, signal.SIGKILL)
            process.wait()
        self.running.clear()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
