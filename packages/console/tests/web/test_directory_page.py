"""AD/LDAP on the pages: closed without the feature, connected, tried, shown first, synchronized in the background."""

import pytest

from conftest import signed_in
from keywright_console.directory.models import DirectorySettings, SyncRun
from keywright_console.directory.sealing import unseal
from keywright_console.directory.services.save_settings import save_settings
from keywright_console.directory.tasks import synchronize_when_due
from keywright_console.jobs.models import JobState
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.users.models import User
from pages import text_of
from slapd import ADMIN_DN, ADMIN_PASSWORD, PEOPLE
from vendor import NOON

FIELDS = {
    "host": "localhost",
    "security": "ldaps",
    "bind_dn": ADMIN_DN,
    "bind_password": ADMIN_PASSWORD,
    "base_dn": PEOPLE,
    "user_filter": "(objectClass=inetOrgPerson)",
    "id_attribute": "entryUUID",
    "username_attribute": "uid",
    "email_attribute": "mail",
    "is_on": "on",
    "every_minutes": "60",
}
HOME = "/users/ad-ldap/"
POSTS = ["settings", "test", "preview", "synchronize"]


@pytest.fixture
def as_licensed(as_admin, vendor):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    return as_admin


@pytest.fixture
def fields(slapd, certificates):
    return FIELDS | {"port": slapd.tls_port, "ca_certificates": certificates.pem}


@pytest.fixture
def as_connected(as_licensed, values):
    save_settings(actor=SHELL, values=values, now=NOON)
    return as_licensed


def test_closed_without_the_feature(as_admin, vendor):
    assert "No license is in use. AD/LDAP comes with the license types E10, E20." in text_of(as_admin.get(HOME))
    apply_license(actor=SHELL, data=vendor.file(features={"saml"}), active_users=0, now=NOON)
    assert "doesn’t include AD/LDAP" in text_of(as_admin.get(HOME))
    for name in POSTS:
        assert as_admin.post(f"{HOME}{name}/", FIELDS).status_code == 403, name
    assert not DirectorySettings.objects.exists()


def test_closed_again_when_the_license_goes(as_connected):
    remove_license(actor=SHELL, now=NOON)
    for name in POSTS:
        assert as_connected.post(f"{HOME}{name}/").status_code == 403, name
    assert not JobState.objects.filter(name="directory.synchronize").exists()


def test_a_member_changes_nothing(as_connected, member):
    client = signed_in(member)
    for name in POSTS:
        assert client.post(f"{HOME}{name}/", FIELDS | {"host": "evil.example"}).status_code == 403, name
    row = DirectorySettings.objects.get()
    assert (row.host, row.asked_at) == ("localhost", None)


def test_it_begins_with_nothing_connected(as_licensed):
    shown = text_of(as_licensed.get(HOME))
    assert "No directory is connected" in shown
    assert "Connect a directory" in shown
    for name in ("test", "preview"):
        assert as_licensed.post(f"{HOME}{name}/").headers["Location"] == HOME
        assert "No directory is connected. Enter its settings first" in text_of(as_licensed.get(HOME))
    as_licensed.post(f"{HOME}synchronize/")
    assert "No directory is connected. Enter its settings first" in text_of(as_licensed.get(HOME))


def test_settings_are_tried_before_they_are_kept(as_licensed, fields):
    response = as_licensed.post(f"{HOME}settings/", fields | {"test": "1"})
    shown = text_of(response)
    assert "The connection works Bound over LDAPS." in shown
    assert "ada uid=ada,ou=people,dc=example,dc=com ada@brightwater.example" in shown
    assert not DirectorySettings.objects.exists()
    assert ADMIN_PASSWORD not in response.content.decode()


def test_a_failed_try_says_what_is_wrong(as_licensed, fields):
    shown = text_of(as_licensed.post(f"{HOME}settings/", fields | {"test": "1", "bind_password": "wrong"}))
    assert "Not connected The directory doesn’t know “cn=admin,dc=example,dc=com” with this password." in shown
    assert "Code: directory_bind_refused" in shown
    shown = text_of(as_licensed.post(f"{HOME}settings/", fields | {"test": "1", "base_dn": "dc=nowhere"}))
    assert "Connected, but the search failed" in shown
    shown = text_of(as_licensed.post(f"{HOME}settings/", fields | {"test": "1", "user_filter": "(uid=nobody)"}))
    assert "Connected, with a remark Base DN and filter find nobody." in shown


def test_settings_are_kept_and_the_password_is_shown_nowhere(as_licensed, fields):
    assert as_licensed.post(f"{HOME}settings/", fields).headers["Location"] == HOME
    shown = text_of(as_licensed.get(HOME))
    assert "The settings are kept. Nobody has been changed yet." in shown
    assert "localhost By itself Change settings Encryption LDAPS" in shown
    assert "Every 60 minutes" in shown
    page = as_licensed.get(f"{HOME}settings/")
    assert "A bind password is kept." in text_of(page)
    assert ADMIN_PASSWORD not in page.content.decode()
    assert User.objects.count() == 1
    as_licensed.post(f"{HOME}settings/", fields | {"bind_password": "", "every_minutes": "30"})
    row = DirectorySettings.objects.get()
    assert (row.every_minutes, unseal(row.bind_password)) == (30, ADMIN_PASSWORD)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"host": "ldap://x"}, "Enter the host alone"),
        ({"user_filter": "(uid"}, "This is no LDAP filter"),
        ({"security": "plain", "host": "ldap.example.com"}, "Without encryption only a directory on this machine"),
        ({"every_minutes": "1"}, "greater than or equal to 5"),
    ],
)
def test_what_cannot_be_used_is_explained_beside_its_field(as_licensed, change, sentence):
    for button in ({}, {"test": "1"}):
        response = as_licensed.post(f"{HOME}settings/", FIELDS | change | button)
        assert response.status_code == 422
        assert sentence in text_of(response)
    assert not DirectorySettings.objects.exists()


def test_the_kept_password_goes_to_no_other_host(as_connected, fields, slapd):
    other = fields | {"bind_password": "", "host": "127.0.0.1", "security": "plain", "port": slapd.port}
    for button in ({}, {"test": "1"}):
        response = as_connected.post(f"{HOME}settings/", other | button)
        assert response.status_code == 422
        assert "Enter the bind password again" in text_of(response)


def test_the_kept_connection_is_tested(as_connected, slapd):
    assert "The connection works" in text_of(as_connected.post(f"{HOME}test/"))
    slapd.stop()
    assert "can’t be reached" in text_of(as_connected.post(f"{HOME}test/"))


def test_what_would_change_is_shown_and_then_done_in_the_background(as_connected, slapd, admin):
    shown = text_of(as_connected.post(f"{HOME}preview/"))
    assert "The directory has 3 users. Nothing has been changed yet." in shown
    assert "Created 3 ada, bob, cyd" in shown
    assert User.objects.count() == 1
    as_connected.post(f"{HOME}synchronize/")
    assert "The synchronization begins within seconds." in text_of(as_connected.get(HOME))
    assert JobState.objects.filter(name="directory.synchronize").exists()
    assert DirectorySettings.objects.get().asked_by == admin.public_id
    synchronize_when_due(now=NOON)
    shown = text_of(as_connected.get(HOME))
    assert "Users from the directory 3" in shown
    assert "12 Mar 2026, 12:00 UTC anna Done 3 found: 3 created" in shown
    slapd.remove("bob")
    assert "Deactivated, since they are gone 1 bob" in text_of(as_connected.post(f"{HOME}preview/"))
    assert "Comes from AD/LDAP uid=ada" in text_of(
        as_connected.get(f"/users/{User.objects.get(username='ada').public_id}/")
    )


def test_an_empty_directory_is_told_in_the_dry_run_and_in_the_list(as_connected, slapd):
    synchronize_when_due(now=NOON)
    for name in ("ada", "bob", "cyd"):
        slapd.remove(name)
    response = as_connected.post(f"{HOME}preview/")
    assert response.status_code == 502
    assert "The directory answered with nobody, so nobody is deactivated" in text_of(response)
    SyncRun.objects.create(
        started_at=NOON, started_by_kind="directory", state="failed", code="directory_empty", message="Nobody there."
    )
    assert "Schedule Failed Nobody there." in text_of(as_connected.get(HOME))
