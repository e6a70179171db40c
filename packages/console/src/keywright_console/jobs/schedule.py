"""The schedule: which job runs how often. What a job does stands in its own room's `tasks.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from keywright_console.jobs.job import Job
from keywright_console.kit import mail
from keywright_console.licensing import tasks as licensing

JOBS: Final[tuple[Job, ...]] = (
    Job(name="mail.send", every=timedelta(minutes=1), run=mail.send_waiting),
    Job(name="licensing.mark_time", every=timedelta(minutes=1), run=licensing.mark_time),
    Job(name="licensing.remind", every=timedelta(hours=1), run=licensing.remind),
)


def job_named(name: str) -> Job | None:
    """The job of the schedule; None where there is none of this name."""
    return next((job for job in JOBS if job.name == name), None)
