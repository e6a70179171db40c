"""The portal as it is run, on a fresh demo's data, for the benchmarks that speak HTTP."""

from __future__ import annotations

import http.client
import itertools
import json
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
_numbers = itertools.count(1)


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
            # So that each client can have a network address of its own: how many cards one may try is limited.
            "KEYWRIGHT_BEHIND_PROXY": "1",
            "PYTHONPATH": str(ROOT),
        }


def seed(place: Place, customers: dict[str, int]) -> list[Client]:
    """Signed-in clients of new organizations, each with so many subscriptions. See bench/seed.py."""
    done = subprocess.run(
        [str(BIN / "python"), "-m", "bench.seed", json.dumps(customers)],
        env=place.portal_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [
        Client(
            port=place.portal_port,
            slug=made["slug"],
            address=f"203.0.113.{next(_numbers)}",
            cookies={made["cookie"]: made["session"]},
        )
        for made in json.loads(done.stdout)
    ]


@dataclass
class Client:
    """One browser's connection, kept open, with its cookies. `spent`: the seconds in which it waited for the portal."""

    port: int
    slug: str
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    spent: float = 0.0
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(HOST, self.port)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Status, headers and body. A form is sent with the CSRF token that came with the page before."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "*/*",
            "X-Forwarded-For": self.address,
        }
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
