from __future__ import annotations

from datetime import datetime

from keywright_console.jobs.models import JobState
from keywright_console.jobs.schedule import job_named


def run_soon(name: str, *, now: datetime) -> None:
    """Have a job run within seconds, by whichever node looks first. KeyError: a name that the schedule lacks.

    Asked while the job runs, it runs once more afterwards.
    """
    if job_named(name) is None:
        raise KeyError(name)
    JobState.objects.update_or_create(pk=name, defaults={"due_at": now, "failures": 0})
