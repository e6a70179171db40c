"""A member gets neither page nor call; a denial changes nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conftest import PASSWORD, make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import PlannedChange, User
from pages import text_of
from vendor import NOON

GETS = [
    "/about/license/",
    "/about/license/preview/",
    "/about/license/remove/",
    "/about/server/",
    "/users/",
    "/users/new/",
    "/users/csv/",
    "/users/export/",
    "/users/ad-ldap/",
    "/system/high-availability/",
    "/system/audit-log/",
]


@pytest.fixture
def licensed(admin, vendor):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)


def state():
    return (
        list(InstalledLicense.objects.order_by("pk").values_list("pk", "place")),
        list(User.objects.order_by("pk").values_list("pk", "deactivated_at", "is_system_admin", "password")),
        AuditRow.objects.count(),
        PlannedChange.objects.count(),
    )


def posts(admin, gone, data):
    return [
        ("/about/license/preview/", {"license": SimpleUploadedFile("x", data)}),
        ("/about/license/apply/", {"license": "", "seen": "-.-", "name": ""}),
        ("/about/license/remove/", {}),
        ("/about/license/banner/", {"key": "x"}),
        ("/users/new/", {"email": "x@example.com", "username": "x", "password": PASSWORD, "is_system_admin": "on"}),
        (f"/users/{admin.public_id}/deactivate/", {}),
        (f"/users/{admin.public_id}/role/", {"role": "member"}),
        (f"/users/{gone.public_id}/password/", {"password": "another horse battery"}),
        ("/users/change/", {"user": [admin.public_id], "what": "deactivate"}),
        ("/users/csv/", {"users": SimpleUploadedFile("x.csv", b"user,state\nanna,deactivated\n")}),
        (f"/users/{gone.public_id}/activate/", {}),
    ]


@pytest.mark.parametrize("path", GETS)
def test_a_member_is_told_whom_to_ask(as_member, licensed, path):
    before = state()
    response = as_member.get(path)
    assert response.status_code == 403
    shown = text_of(response)
    assert "Only a System Admin can open this" in shown
    assert "anna anna@brightwater.example" in shown
    assert "Brightwater Logistics" not in shown
    assert state() == before


def test_a_member_changes_nothing(as_member, admin, licensed, vendor):
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(deactivated_at=NOON)
    before = state()
    for path, body in posts(admin, gone, vendor.file()):
        assert as_member.post(path, body).status_code == 403, path
    assert state() == before


@pytest.mark.parametrize("path", [*GETS, "/", "/account/password/"])
def test_a_stranger_is_asked_to_sign_in(db, admin, clock_at_noon, path):
    response = Client().get(path)
    assert (response.status_code, response.headers["Location"]) == (302, f"/sign-in/?next={path}")


def test_a_stranger_changes_nothing(admin, licensed, vendor, clock_at_noon):
    gone = make_user("gone")
    before = state()
    for path, body in posts(admin, gone, vendor.file()):
        assert Client().post(path, body).status_code == 302, path
    assert state() == before


def test_a_form_without_its_token_changes_nothing(admin, licensed, clock_at_noon):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    before = state()
    response = client.post("/about/license/remove/", {})
    assert response.status_code == 403
    assert "This form is too old to be sent" in text_of(response)
    assert state() == before


def test_a_member_begins_with_ones_own_account(as_member):
    assert as_member.get("/").headers["Location"] == "/account/password/"
    shown = text_of(as_member.get("/account/password/"))
    assert "Audit log" not in shown
    assert "Edition and License" not in shown
