from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from keywright_console.jobs.job import Job, is_due
from keywright_console.jobs.models import JobState


def due_jobs(jobs: Collection[Job], *, now: datetime) -> list[Job]:
    """Those whose time has come, and those that never ran. One query."""
    due = dict(JobState.objects.values_list("name", "due_at"))
    return [job for job in jobs if job.name not in due or is_due(job, due_at=due[job.name], now=now)]
