from datetime import timedelta

import pytest

from conftest import PASSWORD
from keywright_console.kit.actor import SHELL
from keywright_console.users.errors import TooManyAttemptsError, WrongCredentialsError
from keywright_console.users.limits import SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS
from keywright_console.users.models import Attempt
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.sign_in import sign_in

HOME = "192.0.2.1"


def attempt(now, *, login="mika", password=PASSWORD, address=HOME):
    return sign_in(login=login, password=password, address=address, now=now)


def fail(now, **given):
    with pytest.raises(WrongCredentialsError) as caught:
        attempt(now, **({"password": "wrong"} | given))
    return caught.value.message


@pytest.mark.parametrize("login", ["mika", "MIKA ", "mika@brightwater.example", "Mika@Brightwater.Example"])
def test_email_address_or_username_in_any_case(member, now, login):
    assert attempt(now, login=login) == member


def test_every_reason_gets_the_same_sentence(admin, member, now):
    deactivated = fail_of_deactivated(member, now)
    assert {fail(now), fail(now, login="nobody"), fail(now, password="x" * 300), fail(now, login=""), deactivated} == {
        "That email address or username and password don’t go together. Check both and try again."
    }


def fail_of_deactivated(member, now):
    deactivate_user(actor=SHELL, user_id=member.pk, now=now)
    return fail(now, password=PASSWORD)


def test_the_limit_by_account_and_address(member, now):
    for _ in range(SIGN_IN_ACCOUNT.attempts):
        fail(now)
    with pytest.raises(TooManyAttemptsError):
        attempt(now)
    assert attempt(now, address="192.0.2.2") == member
    assert attempt(now + SIGN_IN_ACCOUNT.window) == member


def test_a_good_sign_in_forgets_the_slips(member, now):
    for _ in range(3):
        for _ in range(SIGN_IN_ACCOUNT.attempts - 1):
            fail(now)
        attempt(now)
    assert not Attempt.objects.filter(key=SIGN_IN_ACCOUNT.key("mika", HOME)).exists()


def test_the_limit_by_address_stops_a_walk_through_accounts(member, now):
    for number in range(SIGN_IN_ADDRESS.attempts):
        fail(now, login=f"nobody{number}")
    with pytest.raises(TooManyAttemptsError):
        attempt(now)


def test_a_clock_that_was_moved_back_locks_nobody_out(member, now):
    for _ in range(SIGN_IN_ACCOUNT.attempts + 1):
        try:
            attempt(now + timedelta(days=400), password="wrong")
        except (WrongCredentialsError, TooManyAttemptsError):
            continue
    assert attempt(now) == member


def test_no_address_and_no_account_is_kept_in_clear(member, now):
    fail(now)
    assert all(len(key) == 64 and "mika" not in key for key in Attempt.objects.values_list("key", flat=True))
