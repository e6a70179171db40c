"""The loop of a worker: look each second whether a job is due, and run what is."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Collection

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from keywright_console.jobs.job import Job
from keywright_console.jobs.schedule import JOBS
from keywright_console.jobs.selectors import due_jobs
from keywright_console.jobs.services.run_job import run_job
from keywright_console.kit import clock

logger = logging.getLogger(__name__)
LOOKS_EVERY = 1.0  # seconds: what somebody asked for begins while they still look; one small query
WAITS_FOR_DATABASE = 5.0  # seconds between tries while it can't be reached


def run_due(jobs: Collection[Job] = JOBS) -> list[str]:
    """Run every job that is due, one after another; the names of those that ran here."""
    due = due_jobs(jobs, now=clock.now())
    return [job.name for job in due if run_job(job, now=clock.now()) is not None]


def keep_running(stopping: threading.Event, *, parent: int | None = None) -> None:
    """Run what is due until told to stop; the job at hand is finished first.

    `parent` is the process whose worker this is: when that is gone, so is this, however it ended.
    """
    while not stopping.is_set():
        if parent is not None and os.getppid() != parent:
            return
        close_old_connections()
        try:
            run_due()
            pause = LOOKS_EVERY
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database can’t be used, trying again: %s", error)
            connection.close()
            pause = WAITS_FOR_DATABASE
        stopping.wait(pause)
