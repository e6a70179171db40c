"""What is done in the background: counting always; the rest only where it is allowed, and quietly not otherwise."""

import pytest

from deployment_acts import activated, allow_all, install
from keywright_console.deployment import tasks as deployment_tasks
from keywright_console.deployment.models import Contact
from keywright_console.deployment.services.change_settings import allow
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.selectors import standing
from keywright_console.usage import tasks as usage_tasks
from keywright_console.usage.models import DailyCount
from vendor import DAY, NOON

ALL = [
    deployment_tasks.fetch_licenses,
    deployment_tasks.fetch_revocations,
    usage_tasks.count,
    usage_tasks.send,
]


def test_allowed_it_runs_by_itself(admin, vendor, portal):
    activated(vendor)
    new = vendor.license(seats=270)
    portal.files = [(new, vendor.file(new))]
    for _again in range(2):
        for task in ALL:
            task(now=NOON)
    assert standing(now=NOON).in_force.license.id == new.id
    assert (sorted(portal.reports), DailyCount.objects.count()) == ([1], 1)
    assert set(Contact.objects.values_list("purpose", flat=True)) == {"activation", "licenses", "revocations", "usage"}


@pytest.mark.parametrize(
    ("off", "path"),
    [
        ("may_speak", "/api/v1/"),
        ("fetches_licenses", "/api/v1/licenses/"),
        ("fetches_revocations", "/api/v1/revocations/"),
        ("sends_usage", "/api/v1/usage"),
    ],
)
def test_what_is_off_stays_off(admin, vendor, portal, off, path):
    activated(vendor)
    allow(actor=SHELL, now=NOON, **{off: False})
    portal.heard.clear()
    for task in ALL:
        task(now=NOON)
    assert [where for where, _body, _headers in portal.heard if where.startswith(path)] == []
    assert (portal.heard == []) is (off == "may_speak")
    assert DailyCount.objects.count() == 1


def test_a_server_without_a_license_or_a_place_asks_for_no_licenses(admin, vendor, portal):
    allow_all()
    for task in ALL:
        task(now=NOON)
    install(vendor.file())
    deployment_tasks.fetch_licenses(now=NOON + DAY)
    assert [where for where, _body, _headers in portal.heard if "licenses" in where] == []
