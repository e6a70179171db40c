"""What must be single stays single when two do it at once; each race has a twin that fails without its guard.

PostgreSQL only: SQLite has one writer at a time, so there a race proves nothing.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from django.db import connection

from at_once import PATIENCE, together
from conftest import PASSWORD, make_user
from keywright_console.kit import installation as installation_module
from keywright_console.kit.actor import SHELL
from keywright_console.kit.installation import installation
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services import apply_license as apply_module
from keywright_console.users.models import User
from keywright_console.users.services import create_first_admin as first_module
from keywright_console.users.services import deactivate_user as deactivate_module
from keywright_console.users.services.create_first_admin import create_first_admin, make_setup_code
from vendor import NOON

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


@contextmanager
def meeting(monkeypatch, module, name, count=2):
    """Make every call of `module.name` wait for the others: all have then read before one of them writes."""
    barrier = threading.Barrier(count)
    real = getattr(module, name)

    def wait(*args, **given):
        found = real(*args, **given)
        barrier.wait(PATIENCE)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(module, name, wait)
        yield


def apply(data):
    return lambda: apply_module.apply_license(actor=SHELL, data=data, active_users=0, now=NOON)


def in_force():
    return list(InstalledLicense.objects.filter(place="in_force").values_list("license_id", flat=True))


def test_the_database_is_one_with_row_locks():
    assert connection.vendor == "postgresql"


def test_two_applies_at_once_put_one_in_force_and_lose_none(vendor):
    apply(vendor.file())()
    for _ in range(ROUNDS):
        before = in_force()[0]
        AuditRow.objects.all().delete()
        licenses = [vendor.license(seats=seats) for seats in (260, 270)]
        results = together(*(apply(vendor.file(one)) for one in licenses))
        assert [result.changed for result in results] == [True, True]
        changes = {row.before["license"]: row.after["license"] for row in AuditRow.objects.all()}
        first = changes[before]
        assert changes == {before: first, first: in_force()[0]}
        assert {first, in_force()[0]} == {one.id for one in licenses}


def test_the_twin_without_the_lock_fails(vendor, monkeypatch):
    apply(vendor.file())()
    installation(now=NOON)
    monkeypatch.setattr(apply_module, "lock", lambda **_: None)
    with meeting(monkeypatch, apply_module, "held_rows"):
        results = together(apply(vendor.file(seats=260)), apply(vendor.file(seats=270)))
    assert sorted(type(result).__name__ for result in results) == ["Applied", "IntegrityError"]
    assert len(in_force()) == 1


def test_a_reader_sees_the_old_license_or_the_new_and_never_none(vendor):
    apply(vendor.file())()
    seen = []
    done = threading.Event()

    def read():
        while not done.is_set():
            found = standing(now=NOON).in_force
            seen.append(None if found is None else found.license.id)

    def write():
        try:
            for seats in range(260, 290):
                apply(vendor.file(seats=seats))()
        finally:
            done.set()

    together(read, write)
    assert len(seen) > 1
    assert None not in seen


def first_admin(code, name):
    return lambda: create_first_admin(
        code=code, email=f"{name}@example.com", username=name, password=PASSWORD, address=name, now=NOON
    )


def test_two_first_admins_at_once_are_one():
    for _ in range(ROUNDS):
        User.objects.all().delete()
        installation_module.Installation.objects.all().delete()
        code = make_setup_code(now=NOON)
        results = together(first_admin(code, "anna"), first_admin(code, "ben"))
        assert sorted(type(result).__name__ for result in results) == ["AlreadySetUpError", "User"]
        assert User.objects.count() == 1


def test_the_twin_that_checks_and_then_inserts_makes_two(monkeypatch):
    code = make_setup_code(now=NOON)

    def check(*, now):
        return not User.objects.exists()

    monkeypatch.setattr(first_module, "claim_set_up", check)
    with meeting(monkeypatch, first_module, "claim_set_up"):
        results = together(first_admin(code, "anna"), first_admin(code, "ben"))
    assert [type(result).__name__ for result in results] == ["User", "User"]
    assert User.objects.count() == 2


def deactivating_each_other(one, other):
    return together(
        *(
            lambda actor=actor, user=user: deactivate_module.deactivate_user(
                actor=actor.actor, user_id=user.pk, now=NOON
            )
            for actor, user in ((one, other), (other, one))
        )
    )


def test_two_admins_who_deactivate_each_other_leave_one():
    for number in range(ROUNDS):
        User.objects.all().delete()
        pair = [make_user(f"{name}{number}", is_system_admin=True) for name in ("anna", "ben")]
        results = deactivating_each_other(*pair)
        assert sorted(type(result).__name__ for result in results) == ["LastSystemAdminError", "User"]
        assert User.objects.filter(deactivated_at=None).count() == 1


def test_the_twin_that_locks_no_admins_leaves_none(monkeypatch):
    pair = [make_user(name, is_system_admin=True) for name in ("anna", "ben")]

    def look():
        return [user.pk for user in User.objects.filter(deactivated_at=None, is_system_admin=True)]

    monkeypatch.setattr(deactivate_module, "lock_active_admins", look)
    with meeting(monkeypatch, deactivate_module, "lock_active_admins"):
        deactivating_each_other(*pair)
    assert User.objects.filter(deactivated_at=None).count() == 0


def test_two_users_with_one_name_at_once_are_one():
    for number in range(ROUNDS):
        results = together(*(lambda: make_user(f"ben{number}") for _ in range(2)))  # noqa: B023 - run within the round
        assert sorted(type(result).__name__ for result in results) == ["EmailTakenError", "User"]


def test_the_limit_holds_for_attempts_at_the_same_moment():
    from keywright_console.users.limits import SIGN_IN_ACCOUNT, take

    results = together(*(lambda: take(SIGN_IN_ACCOUNT, "anna", "home", now=NOON) for _ in range(16)))
    assert results.count(True) == SIGN_IN_ACCOUNT.attempts
