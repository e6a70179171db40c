from datetime import timedelta

import pytest

from conftest import PASSWORD
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.users.errors import InvalidUserError, TooManyAttemptsError, WeakPasswordError
from keywright_console.users.limits import PASSWORD_ACCOUNT
from keywright_console.users.models import ApiToken
from keywright_console.users.services.api_tokens import TOKEN_LIFE, issue_token, revoke_token, user_of_token
from keywright_console.users.services.change_password import change_password
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.note_activity import PRECISION, note_activity
from keywright_console.users.services.set_password import set_password

NEW = "quite another horse"


def change(user, now, **given):
    values = {"present": PASSWORD, "new": NEW} | given
    return change_password(actor=user.actor, user_id=user.pk, now=now, **values)


def test_a_changed_password_ends_every_token(member, now):
    issue_token(user=member, now=now)
    assert change(member, now).check_password(NEW)
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert not ApiToken.objects.exists()
    assert AuditRow.objects.filter(action="user.password_changed", subject=member.public_id).count() == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"present": "wrong"}, InvalidUserError),
        ({"new": "short"}, WeakPasswordError),
        ({"new": "mika"}, WeakPasswordError),
    ],
)
def test_a_refused_change_leaves_the_old_one(member, now, given, error):
    with pytest.raises(error):
        change(member, now, **given)
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_guessing_the_present_password_is_limited(member, now):
    for _ in range(PASSWORD_ACCOUNT.attempts):
        with pytest.raises(InvalidUserError):
            change(member, now, present="wrong")
    with pytest.raises(TooManyAttemptsError):
        change(member, now)


def test_the_shell_sets_a_forgotten_password(member, now):
    issue_token(user=member, now=now)
    set_password(actor=SHELL, user_id=member.pk, password=NEW, now=now)
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert not ApiToken.objects.exists()


def test_a_member_sets_nobodys_password(admin, member, now):
    with pytest.raises(NotAllowedError):
        set_password(actor=member.actor, user_id=admin.pk, password=NEW, now=now)
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_a_token_knows_its_user_until_it_expires(member, now):
    token = issue_token(user=member, now=now)
    assert user_of_token(token=token, now=now) == member
    assert user_of_token(token=token, now=now + TOKEN_LIFE) is None
    assert user_of_token(token="other", now=now) is None


def test_a_token_is_kept_as_a_digest_only(member, now):
    token = issue_token(user=member, now=now)
    assert token not in str(list(ApiToken.objects.values()))


def test_a_revoked_token_is_nobodys(member, now):
    token = issue_token(user=member, now=now)
    revoke_token(token=token)
    revoke_token(token=token)
    assert user_of_token(token=token, now=now) is None


def test_a_deactivated_users_token_is_nobodys(admin, member, now):
    deactivate_user(actor=admin.actor, user_id=member.pk, now=now)
    token = issue_token(user=member, now=now)
    assert user_of_token(token=token, now=now) is None


def test_expired_tokens_go_at_the_next_sign_in(member, now):
    issue_token(user=member, now=now)
    issue_token(user=member, now=now + TOKEN_LIFE)
    assert ApiToken.objects.count() == 1


def test_activity_is_written_once_in_a_while(member, now, django_assert_num_queries):
    note_activity(user=member, now=now)
    member.refresh_from_db()
    assert member.last_activity_at == now
    with django_assert_num_queries(0):
        note_activity(user=member, now=now + PRECISION - timedelta(seconds=1))
    note_activity(user=member, now=now + PRECISION)
    member.refresh_from_db()
    assert member.last_activity_at == now + PRECISION


def test_activity_follows_a_clock_that_was_moved_back(member, now):
    note_activity(user=member, now=now)
    member.refresh_from_db()
    note_activity(user=member, now=now - timedelta(days=30))
    member.refresh_from_db()
    assert member.last_activity_at == now - timedelta(days=30)
