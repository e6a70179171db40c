import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import SimulatorProcess

COMMAND = [sys.executable, "-m", "stripe_simulator"]
START_LIMIT = 3.0
"""Seconds of the processor, since those of the clock tell how busy the machine is; less than one is what it takes."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(("arguments", "word"), [(("--help",), "serve"), (("serve", "--help"), "--webhook-secret")])
def test_help_says_what_there_is(arguments: tuple[str, ...], word: str):
    shown = run(*arguments)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert word in shown.stdout


def test_a_taken_port_is_named(simulator: SimulatorProcess):
    second = run("serve", "--port", str(simulator.port))
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith(f"stripe-simulator: Port {simulator.port} on 127.0.0.1 can't be listened on")
    assert len(second.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--secret-key", "sk_live_1"),
        ("--publishable-key", "sk_test_1"),
        ("--webhook-url", "http://127.0.0.1:1/"),
        ("--webhook-secret", "whsec_1"),
        ("--state", "/nowhere/at/all/state.sqlite3"),
        ("--record", "/nowhere/at/all/record.jsonl"),
    ],
)
def test_what_can_not_work_is_a_sentence(arguments: tuple[str, ...]):
    ended = run("serve", *arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("stripe-simulator: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_misuse(port: str):
    assert run("serve", f"--port={port}").returncode == 2


def test_one_state_is_for_one_simulator(tmp_path: Path):
    state = tmp_path / "state.sqlite3"
    with SimulatorProcess(state=state):
        second = run("serve", "--port", "1", "--state", str(state))
        assert second.returncode == 1
        assert second.stderr == f"stripe-simulator: The state in {state} can't be used: database is locked.\n"


@pytest.mark.parametrize("content", ["not a database", "another database"])
def test_a_foreign_file_is_no_state(tmp_path: Path, content: str):
    state = tmp_path / "state"
    if content == "not a database":
        state.write_text(content * 100)
    else:
        database = sqlite3.connect(state)
        database.execute("CREATE TABLE other (id)")
        database.close()
    before = state.read_bytes()
    assert run("serve", "--state", str(state)).returncode == 1
    assert state.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_quickly_and_ends_cleanly(number: signal.Signals):
    running = SimulatorProcess()
    before = seconds_of_children()
    with running:
        assert running.process is not None
        running.process.send_signal(number)
        assert running.process.wait(20) == 0
    assert seconds_of_children() - before < START_LIMIT


def seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
