"""Nodes on one database are one deployment: one key, one count a day, one place; twins fail without their guard."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import IntegrityError

from at_once import together
from conftest import make_user
from deployment_acts import install
from keywright_console.deployment.licensed import file_of, licensed
from keywright_console.deployment.models import Activation, DeploymentKey, State
from keywright_console.deployment.services import hold_key as key_module
from keywright_console.deployment.services.apply_answer import apply_answer
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.deployment.services.make_request import make_request
from keywright_console.deployment.services.release import release
from keywright_console.kit.actor import SHELL
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services import count_day as count_module
from keywright_console.usage.services.count_day import count_day
from keywright_license.usage import read_report
from stand_in_portal import StandInPortal
from vendor import DAY, NOON

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10
NODES = 3


@contextmanager
def _no_lock(monkeypatch, module):
    """The same without the installation's lock."""
    from keywright_console.kit.installation import installation

    with monkeypatch.context() as patched:
        patched.setattr(module, "lock", installation)
        yield


def test_nodes_that_need_the_key_at_once_get_one(vendor):
    for _round in range(ROUNDS):
        DeploymentKey.objects.all().delete()
        found = together(*[lambda: hold_key(now=NOON).thumbprint] * NODES)
        assert len(set(found)) == 1, found
        assert DeploymentKey.objects.count() == 1


def test_without_the_lock_the_primary_key_still_lets_one_win(monkeypatch):
    losers = 0
    with _no_lock(monkeypatch, key_module):
        for _round in range(ROUNDS):
            DeploymentKey.objects.all().delete()
            found = together(*[lambda: hold_key(now=NOON).thumbprint] * NODES)
            losers += sum(isinstance(one, IntegrityError) for one in found)
            assert DeploymentKey.objects.count() == 1
    assert losers > 0


def test_a_day_is_counted_once_by_any_number_of_nodes(vendor):
    make_user("anna", is_system_admin=True)
    install(vendor.file())
    for number in range(ROUNDS):
        found = together(*[lambda at=NOON + number * DAY: count_day(now=at)] * NODES)
        assert sum(isinstance(one, DailyCount) for one in found) == 1, found
    key = hold_key(now=NOON).key.public_key()
    rows = DailyCount.objects.order_by("seq")
    assert [read_report(bytes(row.line), key=key).seq for row in rows] == list(range(1, ROUNDS + 1))


def test_without_the_lock_nodes_that_count_at_once_collide(vendor, monkeypatch):
    install(vendor.file())
    hold_key(now=NOON)
    collided = 0
    with _no_lock(monkeypatch, count_module):
        for number in range(ROUNDS):
            found = together(*[lambda at=NOON + number * DAY: count_day(now=at)] * NODES)
            collided += sum(isinstance(one, IntegrityError) for one in found)
    assert collided > 0


def test_answers_applied_at_once_leave_one_place_held(vendor):
    install(vendor.file())
    portal = StandInPortal(vendor, now=NOON)
    request = make_request(actor=SHELL, now=NOON)

    file = file_of(licensed(now=NOON))
    for _round in range(ROUNDS):
        portal.places.clear()
        first = portal.activate(request, file)["activation"].encode()
        portal.places.clear()
        second = portal.activate(request, file)["activation"].encode()
        found = together(
            lambda data=first: apply_answer(actor=SHELL, data=data, now=NOON),
            lambda data=second: apply_answer(actor=SHELL, data=data, now=NOON),
        )
        assert all(isinstance(one, Activation) for one in found), found
        assert Activation.objects.filter(state=State.HELD).count() == 1


def test_released_twice_at_once_is_released_once(vendor):
    install(vendor.file())
    portal = StandInPortal(vendor, now=NOON)

    for _round in range(ROUNDS):
        portal.places.clear()
        request = make_request(actor=SHELL, now=NOON)
        answer = portal.activate(request, file_of(licensed(now=NOON)))["activation"].encode()
        apply_answer(actor=SHELL, data=answer, now=NOON)
        found = together(*[lambda: release(actor=SHELL, now=NOON)] * 2)
        assert sorted(type(one).__name__ for one in found) == ["Activation", "NotActivatedError"]
