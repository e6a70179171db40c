"""The portal as it is run, on a fresh demo's data, for the benchmarks that speak HTTP."""

from __future__ import annotations

import http.client
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from demo.place import BIN, HOST, PORTS, ROOT, Place, find_place
from demo.processes import Processes
from demo.starting import start

FIRST_PORT = 18_500


@contextmanager
def running_site() -> Iterator[Place]:
    """A demo of its own with the bare view added, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="kw-bench-") as state:
        os.environ["KEYWRIGHT_DEMO_DIR"] = state
        os.environ.update({name: str(FIRST_PORT + number) for number, name in enumerate(PORTS)})
        place = BenchPlace(**vars(find_place()))
        processes = Processes(logs=Path(state) / "log")
        try:
            start(place, processes)
            yield place
        finally:
            processes.stop()


@dataclass(frozen=True, kw_only=True)
class BenchPlace(Place):
    """A demo whose portal has the bare view."""

    def portal_environment(self) -> dict[str, str]:
        return {
            **super().portal_environment(),
            "DJANGO_SETTINGS_MODULE": "bench.bare_settings",
            "PYTHONPATH": str(ROOT),
        }


def in_django(place: Place, code: str) -> str:
    """What `code` prints, run in the portal's own Django on the site's database."""
    environment = place.portal_environment()
    command = [str(BIN / "python"), "-c", f"import django; django.setup()\n{code}"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


@dataclass
class Client:
    """One browser's connection, kept open, with its cookies. `spent` is the time in which it waited for the portal."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    spent: float = 0.0
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(HOST, self.port)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Status, headers and body. A form is sent with the CSRF token that came with the page before."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept": "*/*"}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        self.spent += time.perf_counter() - began
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, text
