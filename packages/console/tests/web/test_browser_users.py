"""The pages of users and of the directory in Chromium: light, dark and on a phone."""

from __future__ import annotations

from playwright.sync_api import expect

from conftest import make_user
from keywright_console.directory.services.save_settings import save_settings
from keywright_console.directory.tasks import synchronize_when_due
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from vendor import DAY, NOON


def test_many_users_from_choosing_to_done(visit, console, tmp_path):
    make_user("ben")
    User.objects.filter(username__in=["mika", "ben"]).update(created_at=NOON - 100 * DAY)
    visit.sign_in()
    mika = User.objects.get(username="mika")
    for name, path in {
        "user": f"/users/{mika.public_id}/",
        "user-role": f"/users/{mika.public_id}/role/",
        "user-password": f"/users/{mika.public_id}/password/",
        "users-csv": "/users/csv/",
        "users-inactive": "/users/?inactive=90",
    }.items():
        visit.look(name, path)
    visit.page.get_by_role("button", name="Deactivate all of them…").click()
    expect(visit.page.get_by_role("heading", name="What will change")).to_be_visible()
    visit.look("users-plan")
    visit.page.get_by_role("button", name="Deactivate users", exact=True).click()
    expect(visit.page.get_by_text("2 users are deactivated.")).to_be_visible()
    visit.page.get_by_label("Choose ben").check()
    visit.page.get_by_role("button", name="Activate chosen…", exact=True).click()
    visit.page.get_by_role("button", name="Activate users", exact=True).click()
    expect(visit.page.get_by_text("1 user is active again.")).to_be_visible()
    file = tmp_path / "people.csv"
    file.write_text("username,state\nben,deactivated\nnobody,active\nanna,deactivated\n")
    visit.page.goto("/users/csv/")
    visit.page.set_input_files("input[type=file]", file)
    visit.page.get_by_role("button", name="Show what it changes").click()
    expect(visit.page.get_by_text("Line 3: There is no user “nobody”.")).to_be_visible()
    visit.look("users-plan-csv")


def test_a_directory_from_connecting_to_done(visit, console, vendor, slapd, values):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    visit.sign_in()
    visit.look("ldap-none", "/users/ad-ldap/")
    visit.page.get_by_role("link", name="Connect a directory").click()
    for label, value in {
        "Host": values.host,
        "Port": str(values.port),
        "CA certificates": values.ca_certificates,
        "Bind DN": values.bind_dn,
        "Base DN": values.base_dn,
    }.items():
        visit.page.get_by_label(label).first.fill(value)
    visit.page.fill("[name=bind_password]", "wrong")
    visit.page.get_by_role("button", name="Test the connection").click()
    expect(visit.page.get_by_text("doesn’t know")).to_be_visible()
    visit.look("ldap-test-failed")
    visit.page.fill("[name=bind_password]", values.bind_password)
    visit.page.get_by_role("button", name="Test the connection").click()
    expect(visit.page.get_by_text("The connection works")).to_be_visible()
    visit.look("ldap-test")
    visit.page.fill("[name=bind_password]", values.bind_password)
    visit.page.get_by_label("Synchronize by itself").check()
    visit.page.get_by_role("button", name="Keep settings").click()
    expect(visit.page.get_by_text("The settings are kept.")).to_be_visible()
    visit.page.get_by_role("button", name="Show what would change").click()
    expect(visit.page.get_by_text("ada, bob, cyd")).to_be_visible()
    visit.look("ldap-preview")
    visit.page.get_by_role("button", name="Synchronize now").click()
    expect(visit.page.get_by_text("Begins soon")).to_be_visible()
    synchronize_when_due(now=NOON)
    visit.look("ldap", "/users/ad-ldap/")


def test_a_failed_synchronization_says_why(visit, console, vendor, slapd, values):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    save_settings(actor=SHELL, values=values, now=NOON)
    synchronize_when_due(now=NOON)
    for name in ("ada", "bob", "cyd"):
        slapd.remove(name)
    visit.sign_in()
    visit.page.goto("/users/ad-ldap/")
    visit.page.get_by_role("button", name="Show what would change").click()
    expect(visit.page.get_by_text("Nothing has been changed").first).to_be_visible()
    visit.look("ldap-empty")
