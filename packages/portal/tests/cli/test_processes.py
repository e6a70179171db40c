from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from keywright_portal.cli.processes import serve

STARTING = 20.0
"""Seconds within which a server must answer, on a machine that does other things too."""
STOPPING = 15


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> int:
    """The status that the server answers with."""
    end = time.monotonic() + STARTING
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/static/none.css", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def stop(process, sent: signal.Signals) -> tuple[str, str]:
    """SIGINT to all processes of the command, as a terminal does it with Ctrl-C; SIGTERM to the first alone."""
    if sent is signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    try:
        return process.communicate(timeout=STOPPING)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_until_it_is_stopped(installation, sent):
    (installation.folder / "static").mkdir()
    port = free_port()
    served = replace(installation, variables={"KEYWRIGHT_STATIC_FROM_PACKAGES": "1"})
    process = served.start("serve", "--port", str(port), start_new_session=True)
    try:
        assert wait_for(port) == 404
    finally:
        out, err = stop(process, sent)

    assert out == f"Serving the portal on http://127.0.0.1:{port} — stop with Ctrl-C.\n"
    assert "Traceback" not in err
    assert process.returncode == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(("processors", "workers"), [(1, 1), (2, 2), (16, 4), (None, 1)])
def test_serve_has_a_process_for_each_processor_up_to_four(monkeypatch, processors, workers):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert serve.make_context("serve", []).params["workers"] == workers


def test_serve_on_a_taken_port_names_it(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        shown = installation.run("serve", "--port", str(port))

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == (
        f"port_taken: Can’t listen on 127.0.0.1:{port} (Address already in use). "
        "Stop what runs there, or choose another port.\n"
    )


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_neither_starts_on_a_database_of_an_older_release(empty_installation, command):
    shown = empty_installation.run(command)

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("not_migrated: The database lacks ")
    assert shown.stderr.endswith(" migrations of this release. Run: keywright migrate\n")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_worker_works_until_it_is_stopped(installation, sent):
    process = installation.start("worker", start_new_session=True)
    assert process.stdout.readline() == "Working — stop with Ctrl-C.\n"
    time.sleep(1)  # its own processes start; it must stop cleanly while they do, and after

    out, err = stop(process, sent)

    assert (process.returncode, out, err) == (0, "", "")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_migrate_says_what_it_did_and_the_second_time_that_there_was_nothing(empty_installation):
    first, second = empty_installation.run("migrate"), empty_installation.run("migrate")

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Applied ")
    assert first.stdout.endswith(" migrations.\n")
    assert (second.returncode, second.stdout) == (0, "The database is up to date.\n")


def test_collect_static_puts_the_files_under_names_with_their_digests(empty_installation):
    shown = empty_installation.run("collect-static")

    static = empty_installation.folder / "static"
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, f"Collected into {static}.\n", "")
    assert (static / "staticfiles.json").exists()
