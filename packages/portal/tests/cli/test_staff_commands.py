from __future__ import annotations

import pytest

from keywright_portal.accounts.models import StaffRole, User
from keywright_portal.cli.staff import ROLES
from keywright_portal.kit.models import AuditEntry

PASSWORD = "violet harbour lantern"


def create(keywright, *options, email="ana@vendor.example", name="Ana Ferreira", password=PASSWORD):
    given = ("--email", email, "--name", name, *options, "--password-stdin")
    return keywright("staff", "create", *given, stdin=f"{password}\n")


def change(keywright, role, *, email="ana@vendor.example"):
    return keywright("staff", "change", "--email", email, "--role", role)


def test_create_makes_an_account_for_the_back_office_with_little_to_do(db, keywright):
    result = create(keywright)

    user = User.objects.get()
    assert (result.exit_code, result.output) == (
        0,
        "Made ana@vendor.example, role support. Sign in under /backoffice/.\n",
    )
    assert (user.email, user.name) == ("ana@vendor.example", "Ana Ferreira")
    assert (user.is_staff, user.staff_role, user.is_superuser) == (True, "support", False)
    assert user.check_password(PASSWORD)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.actor_name) == (
        "staff.created",
        str(user.pk),
        "keywright staff create",
    )
    assert (entry.before, entry.after) == (None, {"role": "support"})


@pytest.mark.parametrize("role", StaffRole.values)
def test_the_role_is_chosen(db, keywright, role):
    create(keywright, "--role", role)

    assert User.objects.get().staff_role == role


def test_a_role_is_changed_and_taken_away(db, keywright):
    create(keywright)

    given = change(keywright, "billing")
    billing = User.objects.get()
    taken = change(keywright, "none", email="Ana@Vendor.example")
    nobody = User.objects.get()

    assert (given.exit_code, given.output) == (0, "ana@vendor.example has the role billing now.\n")
    assert (billing.is_staff, billing.staff_role) == (True, "billing")
    assert (taken.exit_code, taken.output) == (0, "ana@vendor.example is no longer staff.\n")
    assert (nobody.is_staff, nobody.staff_role) == (False, "")
    assert [(entry.before, entry.after) for entry in AuditEntry.objects.filter(action="staff.changed")] == [
        ({"role": "support", "staff": True}, {"role": "billing", "staff": True}),
        ({"role": "billing", "staff": True}, {"role": "", "staff": False}),
    ]


def test_the_role_that_one_has_leaves_no_trace(db, keywright):
    create(keywright)

    assert change(keywright, "support").exit_code == 0
    assert not AuditEntry.objects.filter(action="staff.changed").exists()


@pytest.mark.parametrize("email", ["customer@example.com", "nobody@example.com"])
def test_a_customer_is_not_made_staff_by_the_way(db, keywright, email):
    User.objects.create_user("customer@example.com", PASSWORD, name="Jo")

    result = change(keywright, "admin", email=email)

    sentence = f"staff_account: {email} is no account of staff. Make one with: keywright staff create\n"
    assert (result.exit_code, result.stderr) == (1, sentence)
    assert not User.objects.get().is_staff


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


def test_the_roles_are_those_of_the_accounts():
    assert list(ROLES) == StaffRole.values
