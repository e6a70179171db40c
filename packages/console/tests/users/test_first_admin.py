import pytest

from conftest import PASSWORD, make_user
from keywright_console.kit.models import AuditRow, Installation
from keywright_console.users.errors import (
    AlreadySetUpError,
    TooManyAttemptsError,
    WeakPasswordError,
    WrongSetupCodeError,
)
from keywright_console.users.limits import SETUP_ADDRESS
from keywright_console.users.models import User
from keywright_console.users.services.create_first_admin import create_first_admin, is_set_up, make_setup_code


def create(now, code, **given):
    values = {"email": "a@example.com", "username": "anna", "password": PASSWORD, "address": "192.0.2.1"} | given
    return create_first_admin(code=code, now=now, **values)


def test_the_code_makes_one_system_admin(db, now):
    code = make_setup_code(now=now)
    user = create(now, f" {code} ")
    assert (user.is_system_admin, user.username, is_set_up(now=now)) == (True, "anna", True)
    assert AuditRow.objects.get().actor_kind == "system"
    with pytest.raises(AlreadySetUpError):
        create(now, code, email="b@example.com", username="ben")
    assert User.objects.count() == 1


def test_only_the_digest_of_the_code_is_kept(db, now):
    code = make_setup_code(now=now)
    digest = Installation.objects.get().setup_code_digest
    assert len(digest) == 64
    assert code not in digest


@pytest.mark.parametrize("code", ["", "0" * 32, "é"])
def test_a_wrong_code_makes_nobody(db, now, code):
    make_setup_code(now=now)
    with pytest.raises(WrongSetupCodeError):
        create(now, code)
    assert not User.objects.exists()
    assert not is_set_up(now=now)


def test_without_a_code_printed_nothing_fits(db, now):
    with pytest.raises(WrongSetupCodeError):
        create(now, "")
    assert not User.objects.exists()


def test_a_newer_code_voids_the_older(db, now):
    older = make_setup_code(now=now)
    make_setup_code(now=now)
    with pytest.raises(WrongSetupCodeError):
        create(now, older)


def test_a_weak_password_leaves_the_set_up_open(db, now):
    code = make_setup_code(now=now)
    with pytest.raises(WeakPasswordError):
        create(now, code, password="short")
    assert not is_set_up(now=now)
    assert create(now, code).is_system_admin


def test_guessing_is_limited(db, now):
    make_setup_code(now=now)
    for _ in range(SETUP_ADDRESS.attempts):
        with pytest.raises(WrongSetupCodeError):
            create(now, "wrong")
    with pytest.raises(TooManyAttemptsError):
        create(now, "wrong")


def test_no_code_for_a_console_with_users(db, now):
    make_user("anna", is_system_admin=True)
    with pytest.raises(AlreadySetUpError):
        make_setup_code(now=now)
