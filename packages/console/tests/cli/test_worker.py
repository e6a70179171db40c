"""The worker as a process of its own: beside `serve`, alone, and gone with the server that it belongs to."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from shell import CONSOLE, TODAY, free_port, serving, when_ready
from vendor import DAY

PATIENCE = 60  # seconds


def until(found):
    """What `found` gives once it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError("it never came")


def done(shell):
    """The jobs that have run well."""
    return {job["name"] for job in json.loads(shell.done("jobs", "list", "--json")) if job["done_at"]}


def workers_of(parent):
    """Processes whose command line says that they are this server's worker."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if words[-3:-1] == [b"--parent", str(parent).encode()]:
                found.append(entry)
    return found


def test_serve_has_a_worker_that_runs_what_is_due(ready):
    with serving(ready):
        until(lambda: {"licensing.mark_time", "licensing.remind", "usage.count"} <= done(ready))


def test_serve_without_a_worker_leaves_the_work_to_others(ready):
    with serving(ready, "--no-worker"):
        assert done(ready) == set()
        listed = ready.done("jobs", "list")
        assert "licensing.remind" in listed
        assert "never ran" in listed


def test_a_worker_goes_with_its_server_however_that_ended(ready):
    port = free_port()
    server = subprocess.Popen(
        [CONSOLE, "serve", "--port", str(port)],
        env=ready.environment | {"KEYWRIGHT_CONSOLE_SECRET_KEY": "s" * 50},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ready.folder,
        start_new_session=True,
    )
    try:
        when_ready(f"http://127.0.0.1:{port}/", server)
        [worker] = until(lambda: workers_of(server.pid))
        server.kill()
        server.wait()
        until(lambda: not worker.exists())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # what serves pages outlives a server that was killed
        server.wait()
        server.stdout.close()


def test_a_worker_alone_ends_when_it_is_told(ready):
    worker = subprocess.Popen(
        [CONSOLE, "worker"],
        env=ready.environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ready.folder,
    )
    until(lambda: "usage.count" in done(ready))
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, out, err) == (0, "Working. Ctrl-C ends it after the job at hand.\n", "")


def test_one_job_now(ready):
    assert ready.done("jobs", "run", "usage.count") == "Done: usage.count\n"
    assert json.loads(ready.done("jobs", "run", "usage.count", "--json")) == {"name": "usage.count", "ran": True}
    said = ready.refused("unknown_job", "jobs", "run", "no.such")
    assert "Choose one of: deployment.fetch_licenses, " in said


def test_a_mail_server_that_is_away_fails_the_job_under_its_code(ready, vendor):
    mail = {
        "KEYWRIGHT_CONSOLE_SMTP_HOST": "127.0.0.1",
        "KEYWRIGHT_CONSOLE_SMTP_PORT": str(free_port()),
        "KEYWRIGHT_CONSOLE_MAIL_FROM": "System Console <console@example.com>",
    }
    ready.done("license", "upload", ready.write("ends.license", vendor.file(starts=TODAY - 360 * DAY)))
    ready.done("jobs", "run", "licensing.remind", **mail)
    said = ready.refused("mail_unavailable", "jobs", "run", "mail.send", **mail)
    assert "The job mail.send failed; the log has more." in said
    listed = {job["name"]: job for job in json.loads(ready.done("jobs", "list", "--json"))}
    assert (listed["mail.send"]["code"], listed["mail.send"]["failures"]) == ("mail_unavailable", 1)
    refused = ready.run("jobs", "list", KEYWRIGHT_CONSOLE_SMTP_PORT="smtp")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr == "not_configured: KEYWRIGHT_CONSOLE_SMTP_PORT is 'smtp'. Give it a number, for example 587.\n"
    )
