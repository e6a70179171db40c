from datetime import timedelta

import pytest

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.kit.mail import send_waiting
from keywright_console.kit.models import OutboxMail
from keywright_console.licensing.models import Reminder
from keywright_console.licensing.reminding import Stage, stage_of, term_of
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.remind_admins import remind_admins
from keywright_console.licensing.terms import last_good_day
from keywright_console.users.services.deactivate_user import deactivate_user
from vendor import DAY, NOON

START = NOON.replace(hour=0)
END = START + 365 * DAY  # the first instant after the last day, in UTC
LAST = END - DAY + timedelta(hours=9)  # a morning of the last good day


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example"
    settings.KEYWRIGHT_CONSOLE_MAIL_FROM = "System Console <console@brightwater.example>"
    settings.KEYWRIGHT_CONSOLE_URL = "https://chat.brightwater.example"


def install(data, now=NOON):
    apply_license(actor=SHELL, data=data, active_users=0, now=now)


def test_sixty_thirty_fifteen_seven_one_expired_and_grace_over_each_once(admin, member, vendor, mailoutbox):
    make_user("ben", is_system_admin=True)
    gone = make_user("cleo", is_system_admin=True)
    deactivate_user(actor=SHELL, user_id=gone.pk, now=NOON)
    install(vendor.file())
    told = []
    now = END - 70 * DAY
    while now < END + 20 * DAY:
        stage = remind_admins(now=now)
        if stage is not None:
            told.append((stage, (END.date() - DAY - now.date()).days))
        send_waiting(now=now)
        now += timedelta(hours=1)
    assert told == [
        (Stage.DAYS_60, 60),
        (Stage.DAYS_30, 30),
        (Stage.DAYS_15, 15),
        (Stage.DAYS_7, 7),
        (Stage.DAY_1, 1),
        (Stage.EXPIRED, -1),
        (Stage.GRACE_OVER, -11),
    ]
    assert [mail.subject for mail in mailoutbox[::2]] == [
        "The license expires in 60 days",
        "The license expires in 30 days",
        "The license expires in 15 days",
        "The license expires in 7 days",
        "The license expires in 1 day",
        "The license has expired",
        "The licensed features are closed",
    ]
    assert {tuple(mail.to) for mail in mailoutbox} == {("anna@brightwater.example",), ("ben@brightwater.example",)}
    assert len(mailoutbox) == 14


def test_the_mail_leads_to_the_portal_with_the_license_named(admin, vendor, mailoutbox):
    one = vendor.license()
    install(vendor.file(one))
    remind_admins(now=LAST - 7 * DAY)
    send_waiting(now=LAST - 7 * DAY)
    mail = mailoutbox[0]
    html = mail.alternatives[0][0]
    link = f"https://portal.example/?license={one.id}&for=renew"
    assert link in mail.body
    assert link.replace("&", "&amp;") in html
    assert "Its last day is 11 March 2027. Renew it so that the licensed features stay open." in " ".join(
        mail.body.replace("\u00a0", " ").split()
    )
    assert "Active users: 1 of 250 seats" in mail.body
    assert mail.extra_headers["Message-ID"].endswith("@brightwater.example>")


def test_a_server_started_late_tells_the_present_stage_alone(admin, vendor):
    install(vendor.file())
    assert remind_admins(now=LAST - 5 * DAY) is Stage.DAYS_7
    assert remind_admins(now=LAST - 5 * DAY) is None
    assert Reminder.objects.count() == 1


def test_with_the_next_terms_license_here_nothing_ends(admin, vendor):
    install(vendor.file())
    install(vendor.file(starts=END))
    assert remind_admins(now=LAST - 7 * DAY) is None


def test_a_file_that_supersedes_within_the_term_starts_nothing_anew_and_the_next_term_does(admin, vendor):
    install(vendor.file())
    assert remind_admins(now=LAST - 7 * DAY) is Stage.DAYS_7
    install(vendor.file(seats=300), now=LAST - 7 * DAY)
    assert remind_admins(now=LAST - 6 * DAY) is None
    install(vendor.file(starts=END), now=LAST)
    assert remind_admins(now=LAST + 365 * DAY - 7 * DAY) is Stage.DAYS_7


def test_without_a_mail_server_nothing_counts_as_told(admin, vendor, settings):
    install(vendor.file())
    settings.EMAIL_HOST = ""
    assert remind_admins(now=LAST - 7 * DAY) is None
    assert (Reminder.objects.count(), OutboxMail.objects.count()) == (0, 0)
    settings.EMAIL_HOST = "mail.example"
    assert remind_admins(now=LAST - 7 * DAY) is Stage.DAYS_7


def test_without_a_license_nobody_is_told(admin):
    assert remind_admins(now=NOON) is None


def test_the_stage_of_a_license_that_waits_is_none(vendor):
    one = vendor.license(starts=END)
    assert stage_of(one, now=NOON) is None
    assert last_good_day(one.expires_at) > END.date()
    assert term_of(one) == term_of(vendor.license(starts=END, seats=9))
    assert term_of(one) != term_of(vendor.license())
