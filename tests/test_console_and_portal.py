"""A console and a real portal: activated, kept up to date, counted and released; online and by files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest

from simulator import NO_PROXY, free_port
from trials.installation import environment

HERE = Path(__file__).resolve().parent
LICENSED = HERE.parent / "packages/portal/tests"
CONSOLE = Path(sys.executable).parent / "keywright-console"
STARTS_WITHIN = 60.0
PAUSE = 0.1


class Portal:
    def __init__(self, folder):
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = environment(f"sqlite:///{folder / 'portal.sqlite3'}", folder) | {
            "KEYWRIGHT_PORTAL_URL": self.url,
            "PYTHONPATH": str(LICENSED),
        }

    def act(self, *arguments):
        done = subprocess.run(
            [sys.executable, HERE / "vendor_acts.py", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def start(self):
        self.log = (self.folder / "portal.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "keywright_portal", "serve", "--port", self.url.rpartition(":")[2]],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            try:
                with NO_PROXY.open(f"{self.url}/static/none.css", timeout=STARTS_WITHIN):
                    return
            except HTTPError as error:
                error.close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "portal.log").read_text()[-3000:]
                time.sleep(PAUSE)
        raise AssertionError("The portal didn't answer.")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


class Console:
    def __init__(self, folder, portal, name):
        self.folder = folder / name
        self.folder.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "KEYWRIGHT_CONSOLE_DATABASE_URL": f"sqlite:///{self.folder / 'console.sqlite3'}",
            "KEYWRIGHT_CONSOLE_SECRET_KEY": f"only-for-tests-{name}-" * 3,
            "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(portal.folder / "trusted.json"),
            "KEYWRIGHT_CONSOLE_PRODUCT": "enterprise-edition",
            "KEYWRIGHT_CONSOLE_PORTAL_URL": portal.url,
        }

    def run(self, *arguments):
        return subprocess.run(
            [CONSOLE, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def done(self, *arguments):
        finished = self.run(*arguments, "--json")
        assert (finished.returncode, finished.stderr) == (0, ""), finished
        return json.loads(finished.stdout)

    def set_up(self, license_file, name):
        self.done("user", "create", "--email", "a@example.com", "--username", "anna", "--password", "a correct horse")
        self.done("license", "upload", str(license_file))
        self.done("deployment", "name", name)


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    made = Portal(tmp_path_factory.mktemp("portal"))
    made.act("prepare")
    made.start()
    yield made
    made.stop()


def test_a_server_s_life(portal, tmp_path):
    console = Console(tmp_path, portal, "one")
    console.set_up(portal.folder / "license", "chat.example")
    assert console.run("deployment", "activate").stderr.startswith("portal_not_allowed: ")
    assert portal.act("show") == {"places": [], "counts": []}

    console.done("deployment", "allow", "--speak", "--licenses", "--revocations", "--usage")
    place = console.done("deployment", "activate")
    assert console.done("deployment", "activate") == place
    assert portal.act("show")["places"] == [["chat.example", "production"]]

    console.done("usage", "count")
    assert console.done("usage", "send") == {"sent": 1, "missing": [], "forked": False}
    assert portal.act("show")["counts"] == [[1, 1]]

    seats = portal.act("add_seats")["seats"]
    (applied,) = console.done("deployment", "fetch")["applied"]
    assert applied["place"] == "in_force"
    assert console.done("license", "show")["in_force"]["seats"] == seats
    assert console.done("deployment", "fetch")["applied"] == []
    assert console.done("deployment", "show")["activated"]

    other = Console(tmp_path, portal, "two")
    other.set_up(portal.folder / "license", "new.example")
    other.done("deployment", "allow", "--speak")
    refused = other.run("deployment", "activate")
    assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "no_free_place")
    assert "chat.example" in refused.stderr
    other.done("license", "show")  # and goes on

    console.done("deployment", "release", "--yes")
    other.done("deployment", "activate")
    assert portal.act("show")["places"] == [["new.example", "production"]]

    third = Console(tmp_path, portal, "three")
    third.set_up(portal.folder / "license", "test.example")
    third.done("deployment", "name", "test.example", "--kind", "non-production")
    third.done("deployment", "request", "--output", "request")
    portal.act("answer", str(third.folder / "request"))
    third.done("deployment", "apply", str(portal.folder / "answer"))
    assert portal.act("show")["places"] == [["new.example", "production"], ["test.example", "non_production"]]
    third.done("usage", "count")
    third.done("usage", "export", "--output", "counts")
    portal.act("record", str(third.folder / "counts"))
    assert portal.act("show")["counts"] == [[1, 1], [1, 1]]
