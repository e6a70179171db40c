"""Counts that the database keeps stay true, and a directory is followed by one, when much happens at once."""

from __future__ import annotations

import threading

import pytest

from at_once import together
from conftest import make_user
from directory_fixtures import certificates, connected, licensed, slapd, values
from keywright_console.directory.models import SyncRun
from keywright_console.directory.services import synchronize as module
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import COUNTS, User
from keywright_console.users.selectors import counts
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.change_many import change_many
from keywright_console.users.services.deactivate_user import deactivate_user
from vendor import NOON

__all__ = ["certificates", "connected", "licensed", "slapd", "values"]
pytestmark = pytest.mark.django_db(transaction=True)


def one_by_one(change, users):
    def run():
        for user in users:
            change(actor=SHELL, user_id=user.pk, now=NOON)
        return "done"

    return run


def test_counts_stay_true_and_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr("keywright_console.users.services.change_many.BATCH", 7)
    make_user("anna", is_system_admin=True)
    User.objects.bulk_create(
        User(email=f"u{n}@example.com", username=f"u{n}", password="!", created_at=NOON, updated_at=NOON)
        for n in range(60)
    )
    users = list(User.objects.filter(is_system_admin=False).order_by("?"))
    results = together(
        lambda: change_many(actor=SHELL, changes=[(user.pk, False) for user in users], now=NOON) and "done",
        lambda: change_many(actor=SHELL, changes=[(user.pk, True) for user in users[::-1]], now=NOON) and "done",
        one_by_one(deactivate_user, users[::2]),
        one_by_one(activate_user, users[::3]),
    )
    assert results == ["done"] * 4
    active = User.objects.filter(COUNTS).count()
    found = counts()
    assert (found.active, found.deactivated, found.all) == (active, 61 - active, 61)


def synchronizing(monkeypatch):
    """Two at once, each waiting with the directory's answer until the other is there or has given up."""
    barrier = threading.Barrier(2)
    real = module._compare

    def compare(settings):
        found = real(settings)
        try:
            barrier.wait(3)
        except threading.BrokenBarrierError:
            return found  # the other was turned away
        return found

    monkeypatch.setattr(module, "_compare", compare)
    task = lambda: module.synchronize(actor=SHELL, now=NOON)  # noqa: E731 - two of the same
    return together(task, task)


def test_two_synchronizations_at_once_are_one(connected, monkeypatch):
    results = synchronizing(monkeypatch)
    assert sorted(type(result).__name__ for result in results) == ["SyncRun", "SyncRunningError"]
    assert SyncRun.objects.count() == 1


def test_the_twin_without_the_lease_runs_both(connected, monkeypatch):
    monkeypatch.setattr(module._Lease, "take", lambda _self: None)
    monkeypatch.setattr(module._Lease, "over", lambda _self, rows: module.batches(rows, size=module.BATCH))
    results = synchronizing(monkeypatch)
    assert [type(result).__name__ for result in results] == ["SyncRun", "SyncRun"]
    assert sorted(run.created for run in results) == [0, 3]
