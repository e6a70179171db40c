"""The schedule: which job runs how often. What a job does stands in its own room's `tasks.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from keywright_console.deployment import tasks as deployment
from keywright_console.directory import tasks as directory
from keywright_console.jobs.job import Job
from keywright_console.kit import mail
from keywright_console.licensing import tasks as licensing
from keywright_console.usage import tasks as usage

JOBS: Final[tuple[Job, ...]] = (
    Job(name="mail.send", every=timedelta(minutes=1), run=mail.send_waiting),
    Job(name="licensing.mark_time", every=timedelta(minutes=1), run=licensing.mark_time),
    Job(name="licensing.remind", every=timedelta(hours=1), run=licensing.remind),
    Job(name="directory.synchronize", every=timedelta(minutes=1), run=directory.synchronize_when_due),
    Job(name="deployment.fetch_licenses", every=timedelta(hours=1), run=deployment.fetch_licenses),
    Job(name="deployment.fetch_revocations", every=timedelta(hours=6), run=deployment.fetch_revocations),
    Job(name="deployment.tell", every=timedelta(hours=6), run=deployment.tell),
    Job(name="usage.count", every=timedelta(hours=1), run=usage.count),
    Job(name="usage.send", every=timedelta(hours=1), run=usage.send),
)


def job_named(name: str) -> Job | None:
    """The job of the schedule; None where there is none of this name."""
    return next((job for job in JOBS if job.name == name), None)
