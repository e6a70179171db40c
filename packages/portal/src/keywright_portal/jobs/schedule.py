"""The schedule of work in the background: which job runs how often. What a job does stands in its own room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django_q.models import Schedule

from keywright_portal.kit import clock
from keywright_portal.kit.models import DueJob
from keywright_portal.kit.queue import enqueue

JOBS: Final[Mapping[str, timedelta]] = {
    "keywright_portal.orders.tasks.reconcile": timedelta(minutes=1),
    "keywright_portal.orders.tasks.reconcile_money_back": timedelta(minutes=5),
    "keywright_portal.orders.tasks.remind_overdue": timedelta(hours=1),
    "keywright_portal.orders.tasks.expire": timedelta(days=1),
    "keywright_portal.kit.tasks.sweep_outbox": timedelta(minutes=5),
    "keywright_portal.kit.tasks.forget_done_jobs": timedelta(days=1),
    "keywright_portal.billing.tasks.look_at_cards": timedelta(days=1),
    "keywright_portal.licensing.tasks.publish_bundles": timedelta(minutes=5),
    "keywright_portal.licensing.tasks.look_at_keys": timedelta(days=1),
    "keywright_portal.licensing.tasks.release_lost_servers": timedelta(hours=1),
    "keywright_portal.licensing.tasks.remind_unactivated": timedelta(days=1),
}
TICK: Final = "keywright_portal.jobs.schedule.tick"


def install(*, now: datetime) -> None:
    """Have the queue look at this schedule every minute, and look at once. Called when a worker starts; twice is once.

    At once, since the queue itself looks half a minute after its start at the earliest: what waited while no worker ran
    waits no longer than that.
    """
    Schedule.objects.update_or_create(
        name="keywright", defaults={"func": TICK, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    )
    enqueue_due(now=now)


def tick() -> None:
    """Enqueue every job whose latest due time nobody has taken yet, by the clock that can be moved."""
    enqueue_due(now=clock.now())


def enqueue_due(*, now: datetime) -> list[str]:
    """Take each job's latest due time and enqueue the job; the names of those taken.

    A due time is a row, unique on (job, due): of several workers that look at once, one takes it. Times that passed
    while no worker ran are taken once, not made up for one by one.
    """
    taken = []
    for job, every in JOBS.items():
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        due_at = epoch + ((now - epoch) // every) * every
        if DueJob.objects.filter(job=job, due_at=due_at).exists():
            continue
        try:
            with transaction.atomic():
                DueJob.objects.create(job=job, due_at=due_at)
                enqueue(job)
        except IntegrityError:
            continue
        taken.append(job)
    return taken
