import pytest
from django.db import IntegrityError, transaction

from conftest import PASSWORD, make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.installation import installation
from keywright_console.kit.models import AuditRow
from keywright_console.users.errors import EmailTakenError, InvalidUserError, UsernameTakenError, WeakPasswordError
from keywright_console.users.models import User
from keywright_console.users.services.create_user import create_user


def create(now, **given):
    values = {"email": "Ben@Example.COM ", "username": "Ben.1", "password": PASSWORD} | given
    return create_user(actor=SHELL, now=now, **values)


def test_email_and_username_are_kept_in_lower_case(db, now):
    user = create(now)
    assert (user.email, user.username, user.created_at, user.is_system_admin, user.is_bot) == (
        "ben@example.com",
        "ben.1",
        now,
        False,
        False,
    )
    assert user.check_password(PASSWORD)
    assert PASSWORD not in user.password


def test_creating_leaves_an_audit_row_without_personal_values(db, now):
    user = create(now)
    row = AuditRow.objects.get()
    assert (row.action, row.subject, row.actor_kind, row.at) == ("user.created", user.public_id, "shell", now)
    assert row.after == {"is_system_admin": False, "is_bot": False, "active": True}


def test_the_first_user_ends_the_set_up(db, now):
    assert installation(now=now).set_up_at is None
    create(now)
    assert installation(now=now).set_up_at == now


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"email": "BEN@example.com", "username": "other"}, EmailTakenError),
        ({"email": "other@example.com", "username": "BEN.1"}, UsernameTakenError),
    ],
)
def test_a_name_is_taken_whatever_its_case(db, now, given, error):
    create(now)
    with pytest.raises(error):
        create(now, **given)
    assert User.objects.count() == 1
    assert AuditRow.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "ben"}, "email"),
        ({"email": ""}, "email"),
        ({"email": f"{'b' * 250}@example.com"}, "email"),
        ({"username": ""}, "username"),
        ({"username": "1ben"}, "username"),
        ({"username": "ben@example.com"}, "username"),
        ({"username": "b" * 65}, "username"),
        ({"username": "bén"}, "username"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field(db, now, given, field):
    with pytest.raises(InvalidUserError) as caught:
        create(now, **given)
    assert caught.value.field == field
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", "short12", "password123", "ben@example.com", "x" * 257])
def test_a_weak_password_is_refused(db, now, password):
    with pytest.raises(WeakPasswordError):
        create(now, password=password)
    assert not User.objects.exists()


def test_a_member_creates_nobody(member, now):
    with pytest.raises(NotAllowedError):
        create_user(actor=member.actor, email="x@example.com", username="x", password=PASSWORD, now=now)
    assert set(User.objects.values_list("username", flat=True)) == {"anna", "mika"}


def test_the_database_refuses_upper_case_by_itself(db, now):
    user = make_user("ben")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(username="BEN")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="BEN@example.com")
