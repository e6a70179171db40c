"""Counts are sent where that was allowed, as they were signed, and counted once."""

import pytest

from deployment_acts import activated, allow_all, install
from keywright_console.deployment.errors import PortalNotAllowedError, PortalRefusedError, PortalUnreachableError
from keywright_console.deployment.models import Contact
from keywright_console.deployment.services.change_settings import allow
from keywright_console.kit.actor import MEMBER, SHELL, Actor
from keywright_console.kit.errors import NotAllowedError
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services.count_day import count_day
from keywright_console.usage.services.send_usage import send_usage, unsent
from stand_in_portal import RefusalError
from vendor import DAY, NOON


@pytest.fixture
def counted(admin, vendor, portal):
    activated(vendor)
    for day in range(3):
        count_day(now=NOON + day * DAY)


def test_all_that_waits_is_sent_once(counted, portal):
    assert send_usage(now=NOON).reports == 3
    assert (sorted(portal.reports), portal.chain_holds()) == ([1, 2, 3], True)
    assert not unsent().exists()
    assert send_usage(now=NOON).reports == 0
    assert len(portal.said_to("/api/v1/usage")) == 1
    (said,) = portal.said_to("/api/v1/usage")
    assert said["reports"].encode() == b"\n".join(bytes(row.line) for row in DailyCount.objects.order_by("seq"))


@pytest.mark.parametrize("switches", [{"may_speak": False}, {"sends_usage": False}])
def test_off_is_respected(counted, portal, switches):
    allow(actor=SHELL, now=NOON, **switches)
    heard = len(portal.heard)
    with pytest.raises(PortalNotAllowedError, match="nothing was sent"):
        send_usage(now=NOON)
    assert (len(portal.heard), unsent().count()) == (heard, 3)


def test_what_the_portal_lost_is_sent_again(counted, portal):
    send_usage(now=NOON)
    del portal.reports[2]
    count_day(now=NOON + 3 * DAY)
    sent = send_usage(now=NOON)
    assert (sent.reports, sent.missing) == (2, ())
    assert (sorted(portal.reports), portal.chain_holds()) == ([1, 2, 3, 4], True)


def test_a_gap_that_nobody_can_fill_is_told(counted, portal):
    send_usage(now=NOON)
    del portal.reports[1], portal.reports[2]
    DailyCount.objects.filter(seq__lt=3).delete()
    count_day(now=NOON + 3 * DAY)
    assert send_usage(now=NOON).missing == ((1, 1), (2, 2))
    assert Contact.objects.get(purpose="usage").detail == {
        "reports": 1,
        "missing": [[1, 1], [2, 2]],
        "forked": False,
    }


def test_a_fork_is_told(counted, portal):
    portal.answers["/api/v1/usage"] = {"received": 3, "missing": [], "forked": True}
    assert send_usage(now=NOON).forked


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (RefusalError(404, "unknown_activation"), PortalRefusedError),
        (RefusalError(429, "too_many_requests"), PortalRefusedError),
        (b"nothing", PortalUnreachableError),
    ],
)
def test_what_was_not_taken_is_sent_the_next_time(counted, portal, answer, error):
    portal.answers["/api/v1/usage"] = answer
    with pytest.raises(error):
        send_usage(now=NOON)
    assert unsent().count() == 3
    assert Contact.objects.get(purpose="usage").code != ""
    portal.answers.clear()
    assert send_usage(now=NOON).reports == 3
    assert Contact.objects.get(purpose="usage").code == ""


@pytest.mark.parametrize("missing", ["x", [[1]], [["a", "b"]], [[True, 2]], None])
def test_gaps_that_make_no_sense_are_left_out(counted, portal, missing):
    portal.answers["/api/v1/usage"] = {"received": 3, "missing": missing}
    assert send_usage(now=NOON).missing == ()


def test_counts_without_a_line_are_not_sent(admin, vendor, portal):
    count_day(now=NOON - DAY)
    install(vendor.file())
    allow_all()
    assert send_usage(now=NOON).reports == 0
    assert portal.heard == []


def test_a_member_sends_nothing(counted, portal):
    heard = len(portal.heard)
    with pytest.raises(NotAllowedError):
        send_usage(now=NOON, actor=Actor(kind="user", id="x", permissions=MEMBER))
    assert len(portal.heard) == heard
