"""A count a day: once, chained, signed, and kept as long as it is needed."""

import pytest

from conftest import make_user
from deployment_acts import activated, install
from keywright_console.deployment.errors import SealedKeyError
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.kit.actor import MEMBER, SHELL, Actor
from keywright_console.kit.errors import NotAllowedError
from keywright_console.usage.models import DailyCount
from keywright_console.usage.selectors import counts_for, export_lines, to_be_sent
from keywright_console.usage.services.count_day import KEPT, count_day
from keywright_console.users.models import User
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_license import Format
from keywright_license.usage import digest, read_report, read_reports
from vendor import DAY, NOON, START


@pytest.fixture
def people(admin):
    for name in ("mika", "gone"):
        make_user(name)
    make_user("robot", is_bot=True)
    deactivate_user(actor=SHELL, user_id=User.objects.get(username="gone").pk, now=NOON)


def key():
    return hold_key(now=NOON).key.public_key()


def report(row):
    return read_report(bytes(row.line), key=key())


def test_a_day_is_counted_once(people, vendor):
    license_ = vendor.license()
    install(vendor.file(license_))
    row = count_day(now=NOON)
    assert count_day(now=NOON + DAY / 4) is None
    assert (row.active_users, row.deactivated_users, row.bots, row.seats) == (2, 1, 1, 250)
    said = report(DailyCount.objects.get())
    assert (said.active_users, said.deactivated_users, said.bots, said.peak_active_users) == (2, 1, 1, 2)
    assert (said.subscription, said.license_id, said.seq, said.previous) == ("sub-1", license_.id, 1, None)
    assert (said.deployment, said.version, said.since) == (hold_key(now=NOON).deployment, "0.1.0", NOON)


def test_the_next_day_names_the_day_before(people, vendor):
    install(vendor.file())
    first, second = count_day(now=NOON), count_day(now=NOON + DAY)
    assert report(second).previous == digest(bytes(first.line))
    assert report(second).seq == 2


def test_the_peak_is_the_highest_since_the_terms_start(people, vendor):
    install(vendor.file(starts=START), now=NOON)
    make_user("extra")
    count_day(now=NOON)
    deactivate_user(actor=SHELL, user_id=User.objects.get(username="extra").pk, now=NOON)
    said = report(count_day(now=NOON + DAY))
    assert (said.active_users, said.peak_active_users, said.since) == (2, 3, NOON)
    install(vendor.file(starts=START + 2 * DAY), now=NOON + 2 * DAY)
    said = report(count_day(now=NOON + 2 * DAY))
    assert (said.active_users, said.peak_active_users, said.since) == (2, 2, NOON + 2 * DAY)


def test_without_a_license_days_are_counted_for_the_page_alone(people, vendor):
    row = count_day(now=NOON)
    assert (row.active_users, row.seats, row.seq, row.line) == (2, None, None, None)
    install(vendor.file(), now=NOON + DAY)
    assert report(count_day(now=NOON + DAY)).seq == 1


def test_mattermosts_license_is_counted_for_once_there_is_a_place(people, vendor, portal):
    install(vendor.file(kind=Format.MATTERMOST))
    assert count_day(now=NOON).line is None
    activated(vendor, kind=Format.MATTERMOST)
    assert report(count_day(now=NOON + DAY)).subscription == "sub-1"


def test_a_clock_set_back_counts_no_day_twice(people, vendor):
    install(vendor.file())
    for now in (NOON, NOON + DAY, NOON, NOON - DAY):
        count_day(now=now)
    days = [row.day for row in DailyCount.objects.order_by("seq")]
    assert days == [NOON.date(), (NOON + DAY).date(), (NOON - DAY).date()]


def test_400_days_are_kept_and_always_the_newest(people, vendor):
    install(vendor.file(days=3000))
    for day in (0, 1, 100):
        count_day(now=NOON + day * DAY)
    count_day(now=NOON + KEPT + DAY)
    assert [row.seq for row in DailyCount.objects.order_by("day")] == [2, 3, 4]
    last = count_day(now=NOON + 3 * KEPT)
    assert list(DailyCount.objects.values_list("seq", flat=True)) == [5]
    assert report(last).seq == 5


def test_the_newest_signed_count_stays_while_days_without_a_license_go_by(people, vendor):
    from keywright_console.licensing.services.remove_license import remove_license

    install(vendor.file())
    signed = count_day(now=NOON)
    remove_license(actor=SHELL, now=NOON)
    count_day(now=NOON + 2 * KEPT)
    install(vendor.file(starts=NOON + 2 * KEPT), now=NOON + 2 * KEPT + DAY)
    following = count_day(now=NOON + 2 * KEPT + DAY)
    assert report(following).previous == digest(bytes(signed.line))


def test_a_key_that_can_not_be_opened_counts_nothing(people, vendor, settings):
    install(vendor.file())
    count_day(now=NOON)
    settings.SECRET_KEY = "another-secret-of-fifty-characters-or-so-for-this-test"
    with pytest.raises(SealedKeyError):
        count_day(now=NOON + DAY)
    assert DailyCount.objects.count() == 1


def test_the_export_holds_every_signed_line(people, vendor):
    count_day(now=NOON - DAY)
    install(vendor.file())
    for day in range(3):
        count_day(now=NOON + day * DAY)
    data = b"".join(export_lines(actor=SHELL))
    assert [one.report.seq for one in read_reports(data, key=key())] == [1, 2, 3]


def test_what_would_be_sent_is_shown_and_nothing_is_kept(people, vendor):
    import json

    assert to_be_sent(actor=SHELL, now=NOON) == []
    install(vendor.file())
    (draft,) = to_be_sent(actor=SHELL, now=NOON)
    assert json.loads(draft)["active_users"] == 2
    assert not DailyCount.objects.exists()
    for day in range(5):
        count_day(now=NOON + day * DAY)
    assert [json.loads(one)["seq"] for one in to_be_sent(actor=SHELL, now=NOON)] == [5, 4, 3]
    assert sorted(json.loads(draft)) == sorted(
        [
            "v", "jti", "iat", "sub", "deployment", "license", "seq", "active_users", "deactivated_users", "bots",
            "peak_active_users", "since", "version",
        ]
    )  # fmt: skip


def test_a_member_sees_no_counts(db):
    nobody = Actor(kind="user", id="x", permissions=MEMBER)
    for ask in (counts_for, export_lines):
        with pytest.raises(NotAllowedError):
            ask(actor=nobody)
    with pytest.raises(NotAllowedError):
        to_be_sent(actor=nobody, now=NOON)
