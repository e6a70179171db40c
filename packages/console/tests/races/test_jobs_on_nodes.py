"""Jobs run once over all nodes: by a lock that ends with the node that holds it, and a due time that is written."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections

from keywright_console.jobs.job import Job
from keywright_console.jobs.models import JobState
from keywright_console.jobs.services import run_job as run_module
from keywright_console.jobs.services.run_job import run_job
from keywright_console.jobs.taking_turns import turn
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.models import Reminder
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.remind_admins import remind_admins
from vendor import DAY, NOON

pytestmark = pytest.mark.django_db(transaction=True)
NODES = 4
ROUNDS = 10


def on_all_nodes(task):
    """What each of the nodes got, all at the same moment, each on a connection of its own."""
    barrier, got = threading.Barrier(NODES), []

    def run():
        try:
            barrier.wait(20)
            got.append(task())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(NODES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def counted(times):
    def work(*, now):
        times.append(now)
        time.sleep(0.01)

    return Job(name="mail.send", every=timedelta(hours=1), run=work)


def test_a_due_job_runs_once():
    times = []
    for number in range(ROUNDS):
        at = NOON + number * timedelta(hours=1)
        on_all_nodes(lambda at=at: run_job(counted(times), now=at))
        assert times == [NOON + n * timedelta(hours=1) for n in range(number + 1)]


def test_the_twin_without_turns_runs_it_as_often_as_there_are_nodes(monkeypatch):
    times = []
    JobState.objects.create(name="mail.send", due_at=NOON)

    @contextmanager
    def everybodys(_name):
        yield True

    monkeypatch.setattr(run_module, "turn", everybodys)
    barrier = threading.Barrier(NODES)

    def work(*, now):
        barrier.wait(20)
        times.append(now)

    job = Job(name="mail.send", every=timedelta(hours=1), run=work)
    on_all_nodes(lambda: run_job(job, now=NOON))
    assert times == [NOON] * NODES


def test_a_killed_nodes_turn_goes_with_it():
    with turn("mail.send") as ours:
        assert ours is True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        with psycopg.connect(os.environ["KEYWRIGHT_TEST_DATABASE_URL"], autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])  # as the server does once a client is gone
        connection.close()
    with turn("mail.send") as again:
        assert again is True


def test_nodes_that_look_at_once_tell_of_the_end_once(admin, vendor, settings):
    settings.EMAIL_HOST = "mail.example"
    settings.KEYWRIGHT_CONSOLE_MAIL_FROM = "console@brightwater.example"
    apply_license(actor=SHELL, data=vendor.file(days=30), active_users=0, now=NOON)
    for number in range(ROUNDS):
        Reminder.objects.all().delete()
        told = on_all_nodes(lambda number=number: remind_admins(now=NOON + number * DAY))
        assert sorted(stage is not None for stage in told) == [False] * (NODES - 1) + [True]
