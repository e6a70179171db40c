from __future__ import annotations

import logging
from datetime import datetime

from keywright_console.jobs.job import Job, is_due, next_due, retry_at
from keywright_console.jobs.models import JobState
from keywright_console.jobs.taking_turns import turn
from keywright_console.kit import clock
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.installation import installation

logger = logging.getLogger(__name__)
UNFORESEEN = "internal_error"


def run_job(job: Job, *, now: datetime, due_or_not: bool = False) -> JobState | None:
    """Run a job if it is due and nobody else runs it; None where somebody does or did.

    Its next time is written when it ends, so a run that was killed is made up for. What a job raises ends that run
    alone: its code is kept, and it is tried again (`retry_at`).
    """
    with turn(job.name) as ours:
        if not ours:
            return None
        state, _made = JobState.objects.get_or_create(pk=job.name, defaults={"due_at": now})
        if not due_or_not and not is_due(job, due_at=state.due_at, now=now):
            return None  # another node ran it since we looked
        JobState.objects.filter(pk=job.name).update(started_at=now)
        code = _outcome(job, now=now)
        ended = clock.now()
        if code:
            failures = state.failures + 1
            due, values = retry_at(job, failures=failures, now=now), {"code": code, "failures": failures}
        else:
            deployment = installation(now=now).deployment_id
            due, values = next_due(job, deployment=deployment, now=now), {"code": "", "failures": 0, "done_at": ended}
        JobState.objects.filter(pk=job.name).update(ended_at=ended, **values)
        # Left alone where somebody has asked for another run meanwhile (`run_soon`).
        JobState.objects.filter(pk=job.name, due_at=state.due_at).update(due_at=due)
        return JobState.objects.get(pk=job.name)


def _outcome(job: Job, *, now: datetime) -> str:
    """Empty where it went well, else a stable code. The log has the rest."""
    try:
        job.run(now=now)
    except ConsoleError as error:
        logger.warning("job %s: %s: %s", job.name, error.code, error.message)
        return error.code
    except Exception:  # the runner outlives any job; nothing is swallowed: the log has it, the row says so
        logger.exception("job %s failed", job.name)
        return UNFORESEEN
    return ""
