from __future__ import annotations

import sys
from datetime import timedelta
from importlib import import_module

import pytest
from django_q.models import OrmQ, Schedule

from keywright_portal.jobs import schedule
from keywright_portal.kit.models import DueJob
from keywright_portal.kit.tasks import JOBS_KEPT
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_uniqueness

EVERY_JOB = sorted(schedule.JOBS)


def queued():
    return sorted(task.func() for task in OrmQ.objects.all())


@pytest.mark.parametrize("job", [*schedule.JOBS, schedule.TICK])
def test_each_job_is_a_function_that_takes_nothing(job):
    module, _, name = job.rpartition(".")
    function = getattr(import_module(module), name)
    assert function.__code__.co_argcount == 0
    assert sys.modules[module].__name__ == module


def test_a_due_time_is_remembered_for_longer_than_the_longest_interval():
    assert max(schedule.JOBS.values()) < JOBS_KEPT


@pytest.mark.django_db
def test_installing_twice_is_installing_once_and_what_is_due_is_enqueued_at_once(now):
    schedule.install(now=now)
    schedule.install(now=now)
    row = Schedule.objects.get()
    assert (row.func, row.schedule_type, row.minutes, row.repeats) == (schedule.TICK, Schedule.MINUTES, 1, -1)
    assert queued() == EVERY_JOB


def test_what_a_dead_worker_left_runs_again_within_a_minute_and_not_while_it_may_still_run(settings):
    to_end_itself = 3
    assert settings.Q_CLUSTER["timeout"] + to_end_itself < settings.Q_CLUSTER["retry"] < 60


@pytest.mark.django_db
def test_each_job_is_enqueued_when_it_is_due_and_once(now):
    assert sorted(schedule.enqueue_due(now=now)) == queued() == EVERY_JOB
    assert schedule.enqueue_due(now=now) == []
    assert schedule.enqueue_due(now=now + timedelta(seconds=59)) == []
    assert schedule.enqueue_due(now=now + timedelta(minutes=1)) == ["keywright_portal.orders.tasks.reconcile"]


@pytest.mark.django_db
def test_times_that_passed_while_no_worker_ran_are_made_up_for_once(now):
    schedule.enqueue_due(now=now)
    OrmQ.objects.all().delete()
    assert sorted(schedule.enqueue_due(now=now + timedelta(days=3))) == queued() == EVERY_JOB


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_look_at_once_one_takes_a_job(now):
    for number in range(1, ROUNDS + 1):
        taken = at_once([lambda number=number: schedule.enqueue_due(now=now + timedelta(days=number))] * AT_ONCE)
        assert sorted(job for jobs in taken for job in jobs) == EVERY_JOB
        assert len(queued()) == number * len(EVERY_JOB)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_every_worker_takes_it(now, monkeypatch):
    monkeypatch.setattr(DueJob.objects, "create", meeting(DueJob.objects.create, of=2))
    with without_uniqueness((DueJob, "due_at")):
        at_once([lambda: schedule.enqueue_due(now=now)] * 2)
        assert len(queued()) == 2 * len(EVERY_JOB)
