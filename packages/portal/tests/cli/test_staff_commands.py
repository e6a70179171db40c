from __future__ import annotations

import pytest

from keywright_portal.accounts.models import User
from keywright_portal.kit.models import AuditEntry

PASSWORD = "violet harbour lantern"


def create(keywright, *, email="ana@vendor.example", name="Ana Ferreira", password=PASSWORD):
    return keywright("staff", "create", "--email", email, "--name", name, "--password-stdin", stdin=f"{password}\n")


def test_create_makes_an_account_for_the_back_office(db, keywright, client):
    result = create(keywright)

    user = User.objects.get()
    assert (result.exit_code, result.output) == (0, "Made ana@vendor.example. Sign in under /backoffice/.\n")
    assert (user.email, user.name, user.is_staff, user.is_superuser) == (
        "ana@vendor.example",
        "Ana Ferreira",
        True,
        True,
    )
    assert user.check_password(PASSWORD)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.actor_name) == (
        "staff.created",
        str(user.pk),
        "keywright staff create",
    )
    assert (entry.before, entry.after) == (None, None)


def test_an_address_that_is_taken_is_refused(db, keywright):
    create(keywright)

    result = create(keywright, email="Ana@vendor.example", name="Another")

    assert result.exit_code == 1
    assert result.stderr == "staff_account: Ana@vendor.example has an account already. Use another address.\n"
    assert (User.objects.get().name, AuditEntry.objects.count()) == ("Ana Ferreira", 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"email": "ana"}, "Enter a valid email address."),
        ({"password": "short"}, "This password is too short. It must contain at least 10 characters."),
        ({"password": ""}, "This password is too short. It must contain at least 10 characters."),
        ({"name": " "}, "The name is empty. Give one with --name."),
    ],
)
def test_what_is_given_is_checked(db, keywright, given, sentence):
    result = create(keywright, **given)

    assert (result.exit_code, result.stderr) == (1, f"staff_account: {sentence}\n")
    assert not User.objects.exists()


def test_where_nobody_can_type_a_password_it_comes_on_standard_input(db, keywright):
    result = keywright("staff", "create", "--email", "ana@vendor.example", "--name", "Ana")

    assert result.exit_code == 2
    assert result.stderr.endswith(
        "Error: Nobody is here to type a password. Give it on standard input, with --password-stdin.\n"
    )
