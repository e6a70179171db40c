"""`make demo` as its user has it: it comes up, says where it is, keeps its state, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PORTS = ("KEYWRIGHT_PORTAL_PORT", "KEYWRIGHT_CONSOLE_PORT", "KEYWRIGHT_SIMULATOR_PORT")
UP_WITHIN = 90.0
"""Seconds, on a machine that is busy with other tests."""


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYWRIGHT_")}
    return {
        **kept,
        "KEYWRIGHT_DEMO_DIR": str(tmp_path / "demo"),
        **{name: str(port) for name, port in zip(PORTS, free_ports(3), strict=True)},
    }


class Demo:
    """A running `python -m demo`."""

    def __init__(self, environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""

    def wait_for(self, text):
        until = time.monotonic() + UP_WITHIN
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"ended before it said {text!r}:\n{self.output}"
            assert time.monotonic() < until, self.output
            self.output += line

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.output += rest
        return self.process.returncode


@pytest.fixture
def start(environment):
    started = []

    def _start():
        demo = Demo(environment)
        started.append(demo)
        return demo

    yield _start
    for demo in started:
        if demo.process.poll() is None:
            demo.interrupt()
        demo.process.stdout.close()


def page(port, path="/"):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def test_it_comes_up_says_where_it_is_and_leaves_nothing_running(start, environment):
    demo = start()
    demo.wait_for("Ctrl-C stops everything.")
    portal, console, simulator = (environment[name] for name in PORTS)
    for port in (portal, console, simulator):
        assert f"http://127.0.0.1:{port}" in demo.output
    for said in ("4000 0025 0000 3155", "sysadmin / demo-", "/demo/mail/", "make demo-reset"):
        assert said in demo.output
    assert "Customer Portal" in page(portal)[1]
    assert page(portal, "/demo/mail/")[0] == 200
    assert page(portal, "/backoffice/")[0] == 200
    assert "System Console" in page(console)[1]
    assert page(simulator)[0] == 200
    assert demo.interrupt() == 0
    assert [port for port in (portal, console, simulator) if listening(port)] == []


def test_what_it_keeps_is_there_at_the_next_start(start, environment):
    first = start()
    first.wait_for("Ctrl-C stops everything.")
    first.interrupt()
    second = start()
    second.wait_for("Ctrl-C stops everything.")
    sign_in = next(line for line in first.output.splitlines() if "sysadmin /" in line)
    assert sign_in in second.output


def test_a_taken_port_is_named_and_nothing_is_left_running(start, environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        environment["KEYWRIGHT_CONSOLE_PORT"] = str(taken)
        demo = start()
        assert demo.process.wait(timeout=30) == 1
        said = demo.process.stdout.read()
    assert f"Port {taken} is taken by another program" in said
    assert "KEYWRIGHT_CONSOLE_PORT=" in said
    assert not listening(environment["KEYWRIGHT_PORTAL_PORT"])


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1"])
def test_a_port_that_is_none_is_refused(start, environment, port):
    environment["KEYWRIGHT_PORTAL_PORT"] = port
    demo = start()
    assert demo.process.wait(timeout=30) == 1
    assert "KEYWRIGHT_PORTAL_PORT" in demo.process.stdout.read()


def reset(environment):
    return subprocess.run(
        [sys.executable, "demo/reset.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_reset_empties_a_demos_folder_and_no_other(environment, tmp_path):
    folder = Path(environment["KEYWRIGHT_DEMO_DIR"])
    assert reset(environment).returncode == 0
    folder.mkdir()
    (folder / "letter.txt").write_text("not a demo's")
    assert reset(environment).returncode == 1
    assert (folder / "letter.txt").exists()
    (folder / "secrets.json").write_text("{}")
    assert reset(environment).returncode == 0
    assert not folder.exists()
