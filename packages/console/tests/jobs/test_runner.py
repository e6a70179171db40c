import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox

from keywright_console.jobs import runner as runner_module
from keywright_console.jobs.job import Job, is_due, next_due, retry_at
from keywright_console.jobs.models import JobState
from keywright_console.jobs.runner import keep_running, run_due
from keywright_console.jobs.schedule import JOBS, job_named
from keywright_console.jobs.selectors import due_jobs
from keywright_console.jobs.services.run_job import run_job
from keywright_console.jobs.services.run_soon import run_soon
from keywright_console.jobs.taking_turns import turn
from keywright_console.kit.errors import UnavailableError
from keywright_console.kit.ids import new_id
from vendor import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Work:
    def __init__(self, *, error=None):
        self.times = []
        self.error = error

    def __call__(self, *, now):
        self.times.append(now)
        if self.error is not None:
            raise self.error


def job(work, every=HOUR, name="mail.send"):
    return Job(name=name, every=every, run=work)


def test_due_times_lie_on_a_grid_that_each_deployment_shifts_for_itself():
    one, other = new_id(), new_id()
    due = next_due(job(Work()), deployment=one, now=NOON)
    assert NOON < due <= NOON + HOUR
    assert next_due(job(Work()), deployment=one, now=due - timedelta(seconds=1)) == due
    assert next_due(job(Work()), deployment=one, now=due) == due + HOUR
    shifts = {next_due(job(Work()), deployment=new_id(), now=NOON) for _ in range(50)}
    assert len(shifts) > 25
    assert next_due(job(Work(), name="a.b"), deployment=other, now=NOON) != due


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10_000, 60)])
def test_a_job_that_fails_is_tried_again_later_each_time(failures, minutes):
    assert retry_at(job(Work()), failures=failures, now=NOON) == NOON + minutes * MINUTE


def test_a_due_time_that_a_clock_set_back_left_too_far_ahead_is_due():
    assert is_due(job(Work()), due_at=NOON, now=NOON)
    assert not is_due(job(Work()), due_at=NOON + HOUR, now=NOON)
    assert is_due(job(Work()), due_at=NOON + HOUR + MINUTE, now=NOON)


def test_it_runs_once_a_due_time(db):
    work = Work()
    one = job(work)
    assert due_jobs([one], now=NOON) == [one]
    state = run_job(one, now=NOON)
    assert (state.code, state.failures, state.started_at) == ("", 0, NOON)
    assert state.due_at > NOON
    assert run_job(one, now=NOON) is None
    assert due_jobs([one], now=NOON) == []
    run_job(one, now=state.due_at)
    assert work.times == [NOON, state.due_at]


def test_a_failure_is_kept_with_its_code_and_tried_again(db, caplog):
    work = Work(error=UnavailableError("The portal is away."))
    state = run_job(job(work), now=NOON)
    assert (state.code, state.failures, state.due_at, state.done_at) == ("unavailable", 1, NOON + MINUTE, None)
    work.error = RuntimeError("a mistake of ours")
    state = run_job(job(work), now=NOON + MINUTE)
    assert (state.code, state.failures, state.due_at) == ("internal_error", 2, NOON + 3 * MINUTE)
    assert "a mistake of ours" in caplog.text
    work.error = None
    state = run_job(job(work), now=NOON + 3 * MINUTE)
    assert (state.code, state.failures) == ("", 0)


def test_a_run_that_was_killed_is_made_up_for(db):
    work = Work(error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run_job(job(work), now=NOON)
    work.error = None
    assert run_job(job(work), now=NOON + MINUTE).code == ""
    assert len(work.times) == 2


def test_who_comes_while_it_runs_goes_on(db):
    with turn("mail.send") as ours:
        assert ours is True
        got = []

        def come_second():
            from django.db import connection

            try:
                with turn("mail.send") as second:
                    got.append(second)
            finally:
                connection.close()

        other = threading.Thread(target=come_second)
        other.start()
        other.join()
        assert got == [False]
    with turn("mail.send") as again:
        assert again is True


def test_asked_for_it_is_due_at_once_also_when_asked_while_it_runs(db):
    work = Work()
    one = job(work)
    run_job(one, now=NOON)
    run_soon("mail.send", now=NOON + MINUTE)
    assert due_jobs([one], now=NOON + MINUTE) == [one]

    def ask(*, now):
        run_soon("mail.send", now=now + timedelta(seconds=1))

    state = run_job(job(ask), now=NOON + 2 * MINUTE)
    assert state.due_at == NOON + 2 * MINUTE + timedelta(seconds=1)
    with pytest.raises(KeyError):
        run_soon("no.such", now=NOON)


def test_the_schedule_runs_whole_on_an_empty_console(db):
    assert run_due() == [job.name for job in JOBS]
    assert {state.name: state.code for state in JobState.objects.all()} == {job.name: "" for job in JOBS}
    assert run_due() == []
    assert JobState.objects.get(pk="mail.send").done_at is not None
    assert outbox.outbox == []


def test_every_job_has_a_name_of_its_own_and_an_interval():
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(job.every >= MINUTE for job in JOBS)
    assert job_named("mail.send") in JOBS


@pytest.mark.django_db
def test_the_loop_ends_when_told_and_when_its_parent_is_gone(monkeypatch):
    rounds = []
    stopping = threading.Event()

    def look():
        rounds.append(datetime.now(UTC))
        stopping.set()

    monkeypatch.setattr(runner_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(runner_module, "run_due", look)
    keep_running(stopping)
    assert len(rounds) == 1
    keep_running(threading.Event(), parent=1_000_000_000)
    assert len(rounds) == 1
