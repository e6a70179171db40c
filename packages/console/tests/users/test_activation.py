import uuid

import pytest

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.users.errors import LastSystemAdminError, OwnAccountError, UserNotFoundError
from keywright_console.users.models import ApiToken, User
from keywright_console.users.selectors import count_active
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.api_tokens import issue_token
from keywright_console.users.services.deactivate_user import deactivate_user


def actions():
    return list(AuditRow.objects.exclude(action="user.created").order_by("id").values_list("action", "subject"))


def test_deactivating_frees_the_seat_and_ends_tokens(admin, member, now):
    issue_token(user=member, now=now)
    deactivate_user(actor=admin.actor, user_id=member.pk, now=now)
    member.refresh_from_db()
    assert (member.deactivated_at, member.is_active, count_active()) == (now, False, 1)
    assert not ApiToken.objects.exists()
    assert actions() == [("user.deactivated", member.public_id)]


def test_activating_lets_in_again(admin, member, now):
    deactivate_user(actor=admin.actor, user_id=member.pk, now=now)
    activate_user(actor=admin.actor, user_id=member.pk, now=now)
    member.refresh_from_db()
    assert (member.is_active, count_active()) == (True, 2)
    assert actions() == [("user.deactivated", member.public_id), ("user.activated", member.public_id)]


def test_doing_it_twice_changes_nothing_more(admin, member, now):
    for _ in range(2):
        deactivate_user(actor=admin.actor, user_id=member.pk, now=now)
    for _ in range(2):
        activate_user(actor=admin.actor, user_id=member.pk, now=now)
    assert len(actions()) == 2


def test_nobody_deactivates_oneself(admin, now):
    make_user("second", is_system_admin=True)
    with pytest.raises(OwnAccountError):
        deactivate_user(actor=admin.actor, user_id=admin.pk, now=now)
    admin.refresh_from_db()
    assert admin.is_active
    assert actions() == []


def test_the_last_system_admin_stays(admin, member, now):
    gone = make_user("gone", is_system_admin=True)
    deactivate_user(actor=SHELL, user_id=gone.pk, now=now)
    make_user("robot", is_system_admin=True, is_bot=True)
    with pytest.raises(LastSystemAdminError):
        deactivate_user(actor=SHELL, user_id=admin.pk, now=now)
    admin.refresh_from_db()
    assert admin.is_active


def test_an_unknown_user_is_not_found(admin, now):
    for service in (activate_user, deactivate_user):
        with pytest.raises(UserNotFoundError):
            service(actor=admin.actor, user_id=uuid.uuid4(), now=now)


def test_a_member_changes_nobody(admin, member, now):
    other = make_user("other")
    gone = make_user("gone")
    deactivate_user(actor=SHELL, user_id=gone.pk, now=now)
    before = actions()
    with pytest.raises(NotAllowedError):
        deactivate_user(actor=member.actor, user_id=other.pk, now=now)
    with pytest.raises(NotAllowedError):
        activate_user(actor=member.actor, user_id=gone.pk, now=now)
    assert User.objects.get(pk=other.pk).is_active
    assert not User.objects.get(pk=gone.pk).is_active
    assert actions() == before


def test_a_deactivated_admin_may_nothing(admin, member, now):
    second = make_user("second", is_system_admin=True)
    deactivate_user(actor=SHELL, user_id=second.pk, now=now)
    second.refresh_from_db()
    with pytest.raises(NotAllowedError):
        deactivate_user(actor=second.actor, user_id=member.pk, now=now)
    assert User.objects.get(pk=member.pk).is_active
