from __future__ import annotations

import functools
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from django.utils.translation import gettext as _

from keywright_console.cli.running import Answer, answering
from keywright_console.jobs.models import JobState
from keywright_console.jobs.runner import keep_running
from keywright_console.jobs.schedule import JOBS, job_named
from keywright_console.jobs.services.run_job import run_job
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError
from keywright_console.licensing.trust import anchor

STOPS_WITHIN = 15  # seconds that the job at hand gets; what it leaves undone is made up for
RESTARTS_AFTER = 5.0  # seconds, where a worker of `serve` ended by itself


class UnknownJobError(ConsoleError):
    code = "unknown_job"


class JobFailedError(ConsoleError):
    """Under the code that the job failed with."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@click.command(name="worker")
@click.option("--parent", type=int, hidden=True, help="End when this process has ended.")
@answering
def worker_command(*, parent: int | None) -> Answer:
    """Run the work in the background until Ctrl-C: reminders, counts, synchronizing.

    `serve` has such a worker already; this is one more, or the only one beside nodes that run serve --no-worker. Each
    job runs once over all of them.
    """
    anchor()
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN if parent is not None else stop)
    lines = [] if parent is not None else [_("Working. Ctrl-C ends it after the job at hand.")]
    return Answer(data={"working": True}, lines=lines, then=functools.partial(keep_running, stopping, parent=parent))


@click.group(name="jobs")
def jobs_group() -> None:
    """Work in the background: list it, run one now."""


@jobs_group.command(name="list")
@answering
def list_command() -> Answer:
    """List the jobs: how often each runs, when next, and what came of the last time."""
    states = {state.name: state for state in JobState.objects.all()}
    data, lines = [], []
    for job in JOBS:
        state = states.get(job.name)
        data.append(
            {
                "name": job.name,
                "every_seconds": int(job.every.total_seconds()),
                "due_at": state.due_at.isoformat() if state else None,
                "done_at": state.done_at.isoformat() if state and state.done_at else None,
                "code": state.code if state else "",
                "failures": state.failures if state else 0,
            }
        )
        outcome = _("never ran") if state is None or state.ended_at is None else state.code or _("done")
        due = f"{state.due_at:%Y-%m-%d %H:%M:%S}" if state else "–"
        lines.append(f"{job.name:<28} {job.every!s:>16}  {due:<20} {outcome}")
    return Answer(data=data, lines=lines)


@jobs_group.command(name="run")
@click.argument("name")
@answering
def run_command(*, name: str) -> Answer:
    """Run the job NAME now, on this machine. One that another node runs at this moment is left to it."""
    job = job_named(name)
    if job is None:
        names = ", ".join(sorted(job.name for job in JOBS))
        raise UnknownJobError(_("There is no job %(name)s. Choose one of: %(names)s.") % {"name": name, "names": names})
    state = run_job(job, now=now(), due_or_not=True)
    if state is None:
        return Answer(data={"name": name, "ran": False}, lines=[_("Another node runs it at this moment.")])
    if state.code:
        raise JobFailedError(state.code, _("The job %(name)s failed; the log has more.") % {"name": name})
    return Answer(data={"name": name, "ran": True}, lines=[_("Done: %(name)s") % {"name": name}])


@contextmanager
def worker_beside(*, parent: int) -> Iterator[None]:
    """A worker process while the block runs, started anew where it ends by itself."""
    stopping = threading.Event()
    running = [_start(parent)]  # before the thread: the server forks, and must not do so in the middle of this

    def keep() -> None:
        while not stopping.is_set():
            running[0].wait()
            if not stopping.wait(RESTARTS_AFTER):
                running[0] = _start(parent)

    threading.Thread(target=keep, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        _end(running[0])


def _start(parent: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "keywright_console", "worker", "--parent", str(parent)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
