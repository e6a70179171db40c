"""Each page asks the database at most ten times, and as often with many users, licenses and changes as with few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense, Place
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from vendor import DAY, NOON

MOST = 10
MANY = 10_000
PAGES = [
    "/about/license/",
    "/about/license/remove/",
    "/about/server/",
    "/users/",
    "/users/?status=active&q=u&after=a",
    "/users/?inactive=90",
    "/users/csv/",
    "/users/new/",
    "/users/ad-ldap/",
    "/system/high-availability/",
    "/system/audit-log/",
    "/account/password/",
]


@pytest.fixture
def as_busy_admin(as_admin, vendor):
    make_user("u")
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)
    apply_license(actor=SHELL, data=vendor.file(starts=NOON + 300 * DAY), active_users=0, now=NOON)
    for path in PAGES:
        as_admin.get(path)
    return as_admin


def queries(client):
    found = {}
    for path in PAGES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        found[path] = len(captured)
    return found


def test_at_most_ten_and_as_many_with_10_000(as_busy_admin, admin):
    few = queries(as_busy_admin)
    assert max(few.values()) <= MOST, few
    User.objects.bulk_create(
        (
            User(email=f"u{n}@example.com", username=f"u{n}", password="!", created_at=NOON, updated_at=NOON)
            for n in range(MANY)
        ),
        batch_size=2000,
    )
    AuditRow.objects.bulk_create(
        (
            AuditRow(at=NOON, actor_kind="user", actor_id=admin.public_id, action="user.created", subject="")
            for _ in range(MANY)
        ),
        batch_size=2000,
    )
    InstalledLicense.objects.bulk_create(
        (
            InstalledLicense(
                license_id="x", data=b"x", place=Place.SUPERSEDED, applied_at=NOON, applied_by_kind="shell"
            )
            for _ in range(MANY)
        ),
        batch_size=2000,
    )
    assert queries(as_busy_admin) == few
