from datetime import timedelta

import pytest

from forge import NOW, OLDER_ID, make_license
from keywright_license import ExpiredError, MalformedError, TooFewSeatsError, check_applicable, uses_up_the_trial


@pytest.mark.parametrize("active_users", [0, 49, 50])
def test_as_many_users_as_seats_are_enough(active_users):
    assert check_applicable(make_license(seats=50), active_users=active_users, now=NOW) is None


def test_one_more_user_than_seats_is_refused():
    with pytest.raises(TooFewSeatsError) as caught:
        check_applicable(make_license(seats=50), active_users=51, now=NOW)
    assert caught.value.code == "too_few_seats"
    assert "50 seats, and 51 users" in caught.value.message


def test_a_license_is_applicable_at_its_last_instant_and_never_after():
    license = make_license()
    check_applicable(license, active_users=0, now=license.expires_at)
    with pytest.raises(ExpiredError) as caught:
        check_applicable(license, active_users=0, now=license.expires_at + timedelta(microseconds=1))
    assert caught.value.code == "expired"


def test_a_license_that_has_not_begun_is_applicable():
    check_applicable(make_license(starts_at=NOW + timedelta(days=30)), active_users=0, now=NOW)


def test_seats_are_looked_at_before_the_time_and_the_time_before_the_id():
    wrong = make_license(id="LIC-0001", seats=1, expires_at=NOW - timedelta(seconds=1))
    with pytest.raises(TooFewSeatsError):
        check_applicable(wrong, active_users=2, now=NOW)
    with pytest.raises(ExpiredError):
        check_applicable(wrong, active_users=1, now=NOW)


@pytest.mark.parametrize("wrong_id", ["", "LIC-0001", OLDER_ID + "y", OLDER_ID[:-1], "l" * 26, OLDER_ID[:-1] + "\n"])
def test_an_id_that_is_not_26_letters_of_the_alphabet_is_refused(wrong_id):
    with pytest.raises(MalformedError):
        check_applicable(make_license(id=wrong_id), active_users=0, now=NOW)


def test_servers_in_the_field_take_any_26_letters_of_the_alphabet():
    check_applicable(make_license(id="9" * 26), active_users=0, now=NOW)


@pytest.mark.parametrize(
    ("days", "seconds", "uses_up"),
    [(29, 86399, False), (30, 0, True), (30, 8 * 3600, True), (31, 86398, True), (31, 86399, False), (365, 0, False)],
)
def test_only_trials_of_about_30_days_use_up_the_one_that_a_server_takes(days, seconds, uses_up):
    duration = timedelta(days=days, seconds=seconds)
    trial = make_license(is_trial=True, starts_at=NOW, expires_at=NOW + duration)
    assert uses_up_the_trial(trial) is uses_up
    assert not uses_up_the_trial(make_license(starts_at=NOW, expires_at=NOW + duration))
