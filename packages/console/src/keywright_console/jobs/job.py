"""What a job is, and when it is due. Pure."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_RETRY = timedelta(minutes=1)
DOUBLINGS_MAX = 20  # beyond it any interval is longer than the job's own


class Work(Protocol):
    """What a job does. It may run any number of times with one result: a killed run is made up for."""

    def __call__(self, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of the schedule. `name` is `room.verb`, and what its row is known by."""

    name: str
    every: timedelta
    run: Work


def next_due(job: Job, *, deployment: uuid.UUID, now: datetime) -> datetime:
    """The job's next time after `now`, on a grid of its interval.

    The deployment's id shifts the grid, so that not all servers of the world ask their portal in the same minute.
    """
    digest = hashlib.sha256(deployment.bytes + job.name.encode()).digest()
    shift = timedelta(seconds=int.from_bytes(digest[:8]) % max(int(job.every.total_seconds()), 1))
    passed = (now - EPOCH - shift) // job.every
    return EPOCH + shift + (passed + 1) * job.every


def retry_at(job: Job, *, failures: int, now: datetime) -> datetime:
    """When a job that failed `failures` times in a row is tried again: later each time, at most by its interval."""
    doubled: int = 2 ** min(failures - 1, DOUBLINGS_MAX)
    return now + min(FIRST_RETRY * doubled, job.every)


def is_due(job: Job, *, due_at: datetime, now: datetime) -> bool:
    """Whether its time has come. A time too far ahead is one of a clock that was set back: that is due as well."""
    return due_at <= now or due_at > now + job.every
