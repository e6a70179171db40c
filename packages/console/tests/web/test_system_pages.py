import pytest

from conftest import ON_POSTGRESQL, PASSWORD
from keywright_console.kit.actor import SHELL
from keywright_console.kit.ids import letters
from keywright_console.kit.models import Installation
from keywright_console.licensing.services.apply_license import apply_license
from pages import text_of, upload
from vendor import DAY, NOON

LDAP, CLUSTER = "/users/ad-ldap/", "/system/high-availability/"


def test_server(as_admin):
    shown = text_of(as_admin.get("/about/server/"))
    assert "Console version 0.1.0" in shown
    assert f"Database {'PostgreSQL' if ON_POSTGRESQL else 'SQLite'} " in shown
    assert letters(Installation.objects.get().deployment_id) in shown
    assert "The clock of this server is moved" in shown


@pytest.mark.parametrize(
    ("path", "plan", "shown_words"),
    [
        (LDAP, None, "No license is in use. AD/LDAP comes with the license types E10, E20."),
        (LDAP, "E10", "No directory is connected Your license opens AD/LDAP"),
        (LDAP, "E20", "No directory is connected Your license opens AD/LDAP"),
        (CLUSTER, None, "No license is in use. High availability comes with the license types E20."),
        (CLUSTER, "E10", "Your license, Enterprise Edition E10, doesn’t include High availability."),
        (CLUSTER, "E20", "Granted by Enterprise Edition E20"),
    ],
)
def test_features_open_their_pages(as_admin, vendor, path, plan, shown_words):
    if plan:
        apply_license(actor=SHELL, data=vendor.file(plan=plan), active_users=0, now=NOON)
    assert shown_words in text_of(as_admin.get(path))


@pytest.mark.parametrize("path", [LDAP, CLUSTER])
def test_past_grace_they_close(as_admin, vendor, move_clock, path):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    move_clock(NOON + 400 * DAY)
    assert "The license has expired, so its features are closed." in text_of(as_admin.get(path))


def test_several_nodes_need_postgresql(as_admin, vendor):
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    shown = text_of(as_admin.get(CLUSTER))
    assert ("Ready for several nodes" in shown) is ON_POSTGRESQL
    assert ("The database serves one machine" in shown) is not ON_POSTGRESQL


def test_the_audit_log_names_people_and_reasons(as_admin, vendor):
    upload(as_admin, b"nothing")
    as_admin.post("/users/new/", {"email": "b@example.com", "username": "ben", "password": PASSWORD})
    shown = text_of(as_admin.get("/system/audit-log/"))
    assert "User created ben anna 12 Mar 2026" in shown
    assert "License refused malformed" in shown
    assert "User created anna Command line 11 Mar 2026" in shown


def test_an_unknown_page_is_a_404_with_a_reference(as_admin):
    response = as_admin.get("/nothing/")
    assert response.status_code == 404
    assert response.headers["X-Request-Id"] in text_of(response)


def test_a_mistake_of_ours_is_a_500_with_a_reference(as_admin, monkeypatch, django_assert_num_queries):
    def fail(**_given):
        raise RuntimeError("planted")

    as_admin.raise_request_exception = False
    monkeypatch.setattr("keywright_console.web.views.system.installation", fail)
    response = as_admin.get("/about/server/")
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in text_of(response)
    assert "planted" not in response.content.decode()


def test_headers(as_admin):
    response = as_admin.get("/about/license/")
    policy = response.headers["Content-Security-Policy"]
    assert "'unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_body_beyond_all_measure_is_not_read(as_admin):
    response = as_admin.generic(
        "POST", "/about/license/preview/", b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(10**10)
    )
    assert response.status_code == 413


def test_the_server_page_says_whether_admins_can_be_written_to(as_admin, settings):
    missing = "Mail to System Admins Not set up KEYWRIGHT_CONSOLE_SMTP_HOST and KEYWRIGHT_CONSOLE_MAIL_FROM"
    assert missing in text_of(as_admin.get("/about/server/"))
    settings.EMAIL_HOST = "mail.example"
    settings.KEYWRIGHT_CONSOLE_MAIL_FROM = "console@brightwater.example"
    assert "Mail to System Admins mail.example Python" in text_of(as_admin.get("/about/server/"))
