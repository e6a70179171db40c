import uuid
from datetime import timedelta

import pytest

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.users.errors import UserNotFoundError
from keywright_console.users.models import User
from keywright_console.users.selectors import (
    Counts,
    Status,
    activity,
    count_active,
    counts,
    find_user,
    system_admins_to_ask,
    user_for,
    usernames,
    users_for,
)
from keywright_console.users.services.deactivate_user import deactivate_user


@pytest.fixture
def people(admin, member, now):
    make_user("zoe")
    make_user("robot", is_bot=True)
    make_user("old-robot", is_bot=True)
    gone = make_user("gone", is_system_admin=True)
    for name in ("gone", "old-robot"):
        deactivate_user(actor=SHELL, user_id=User.objects.get(username=name).pk, now=now)
    return gone


def names(actor, **given):
    return [user.username for user in users_for(actor=actor, **given)]


def test_who_counts(people):
    assert count_active() == 3
    assert counts() == Counts(all=6, active=3, deactivated=1, bots=2, active_admins=1)


def test_filters(people, admin):
    assert names(admin.actor) == ["anna", "gone", "mika", "old-robot", "robot", "zoe"]
    assert names(admin.actor, status=Status.ACTIVE) == ["anna", "mika", "zoe"]
    assert names(admin.actor, status=Status.DEACTIVATED) == ["gone"]
    assert names(admin.actor, status=Status.BOTS) == ["old-robot", "robot"]


def test_search_by_username_or_email(people, admin):
    assert names(admin.actor, search=" MIK") == ["mika"]
    assert names(admin.actor, search="zoe@bright") == ["zoe"]
    assert names(admin.actor, search="%") == []
    assert names(admin.actor, search="_") == []


def test_a_member_lists_nobody(member):
    with pytest.raises(NotAllowedError):
        users_for(actor=member.actor)


def test_a_member_sees_oneself_and_nobody_else(admin, member):
    assert user_for(actor=member.actor, user_id=member.pk) == member
    with pytest.raises(UserNotFoundError):
        user_for(actor=member.actor, user_id=admin.pk)
    assert user_for(actor=admin.actor, user_id=member.pk) == member
    with pytest.raises(UserNotFoundError):
        user_for(actor=admin.actor, user_id=uuid.uuid4())


def test_find_by_email_username_or_id(admin, member):
    for who in ("mika", "MIKA", "mika@brightwater.example", member.public_id):
        assert find_user(actor=SHELL, who=who) == member
    with pytest.raises(UserNotFoundError):
        find_user(actor=SHELL, who="nobody")


def test_activity_counts_days_and_months(people, now):
    for name, ago in (("anna", timedelta(hours=23)), ("mika", timedelta(days=30)), ("gone", timedelta(0))):
        User.objects.filter(username=name).update(last_activity_at=now - ago)
    found = activity(now=now)
    assert (found.daily, found.monthly) == (1, 2)


def test_admins_to_ask_are_the_active_ones(people):
    assert [user.username for user in system_admins_to_ask()] == ["anna"]


def test_usernames_of_ids(admin, member):
    assert usernames([admin.public_id, member.public_id, ""]) == {admin.public_id: "anna", member.public_id: "mika"}
