"""Mails to the System Admins: each once, and none that nobody could send."""

import pytest

from conftest import make_user
from deployment_acts import activated, bundle, install
from keywright_console.deployment import tasks
from keywright_console.kit.models import OutboxMail
from keywright_console.licensing.errors import RefusedLicenseError
from vendor import DAY, NOON


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example"
    settings.KEYWRIGHT_CONSOLE_MAIL_FROM = "console@brightwater.example"
    settings.KEYWRIGHT_CONSOLE_URL = "https://chat.brightwater.example"


def subjects():
    return list(OutboxMail.objects.order_by("created_at", "key").values_list("subject", "to"))


TO = "anna@brightwater.example"


def test_a_license_that_came_by_itself_is_told_once_to_every_admin(admin, vendor, portal):
    make_user("mika")
    activated(vendor)
    new, following = vendor.license(seats=270), vendor.license(seats=270, starts=NOON + 360 * DAY)
    portal.files = [(one, vendor.file(one)) for one in (new, following)]
    for _again in range(2):
        tasks.fetch_licenses(now=NOON)
    assert sorted(subjects()) == [("A license for the next term is here", TO), ("A new license is in use", TO)]
    mail = OutboxMail.objects.get(subject="A new license is in use")
    assert "https://chat.brightwater.example/about/license/" in mail.text
    assert new.id in mail.text


def test_a_license_that_can_not_be_applied_is_told_once(admin, vendor, portal):
    make_user("mika")
    activated(vendor)
    one = vendor.license(seats=1)
    portal.files = [(one, vendor.file(one))]
    for _again in range(2):
        with pytest.raises(RefusedLicenseError):
            tasks.fetch_licenses(now=NOON)
    assert subjects() == [("A license change could not be applied", TO)]
    assert "1 seats and this server has 2 active users" in OutboxMail.objects.get().text


def test_a_server_that_is_not_activated_is_told_after_14_days_and_once(admin, vendor):
    install(vendor.file())
    for now in (NOON, NOON + 14 * DAY):
        tasks.tell(now=now)
    assert subjects() == []
    for now in (NOON + 15 * DAY, NOON + 16 * DAY):
        tasks.tell(now=now)
    assert subjects() == [("This server is not activated", TO)]


def test_a_withdrawn_license_is_told_once(admin, vendor, portal):
    license_, _place = activated(vendor)
    portal.bundles = {"issuing": bundle(vendor, revoked=[license_.id])}
    tasks.fetch_revocations(now=NOON)
    for _again in range(2):
        tasks.tell(now=NOON)
    assert subjects() == [("The vendor has withdrawn the license in use", TO)]


def test_without_a_license_or_a_mail_server_nobody_is_told(admin, vendor, settings):
    tasks.tell(now=NOON)
    install(vendor.file())
    settings.EMAIL_HOST = ""
    tasks.tell(now=NOON + 20 * DAY)
    assert subjects() == []
