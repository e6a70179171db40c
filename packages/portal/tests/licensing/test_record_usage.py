from __future__ import annotations

from datetime import timedelta

import pytest
from activating import ACTOR

from keywright_license import usage, zbase32
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.deployment_errors import (
    BadSignatureError,
    MalformedArtifactError,
    TooManyReportsError,
    UnknownActivationError,
    UnknownKeyError,
    WrongKindError,
)
from keywright_portal.licensing.deployment_models import Deployment, UsageReport
from keywright_portal.licensing.services.record_usage import record_usage
from keywright_portal.licensing.services.release import release_by_deployment
from keywright_portal.licensing.usage_chain import Chain, Link, chain, chain_of
from server_double import MIDNIGHT, Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
DAY = timedelta(days=1)
LATER = MIDNIGHT + 400 * DAY


@pytest.fixture
def active(server, take):
    take(server)
    return server


def send(*lines, at=LATER, **named):
    return record_usage(reports=b"\n".join(lines), actor=ACTOR, now=at, **named)


# ---- One after the other ---------------------------------------------------------------------------------------------


def test_a_report_is_kept_as_it_was_signed(active):
    line = active.report(258, peak_active_users=270)
    done = send(line)
    assert (done.received, done.already_known, done.chain) == (1, 0, Chain(newest_seq=1))
    row = UsageReport.objects.get()
    assert (row.line.encode(), row.digest) == (line, usage.digest(line))
    assert (row.active_users, row.deactivated_users, row.bots, row.peak_active_users) == (258, 37, 12, 270)
    assert (row.counted_at, row.received_at, row.since) == (MIDNIGHT + timedelta(hours=6), LATER, MIDNIGHT)
    assert (row.seq, row.previous, row.version) == (1, "", "10.2.0")
    entry = AuditEntry.objects.get(action="usage.recorded")
    assert entry.after == {"reports": 1, "first": 1, "last": 1, "active_users": 258}


def test_an_export_is_taken_whole_and_a_second_time_counts_nothing(active):
    lines = [active.report(140 + number) for number in range(30)]
    assert send(*lines).received == 30
    again = send(*lines)
    assert (again.received, again.already_known, again.chain.missing) == (0, 30, ())
    assert UsageReport.objects.count() == 30
    assert AuditEntry.objects.filter(action="usage.recorded").count() == 1


def test_the_same_line_twice_in_one_export_counts_once(active):
    line = active.report()
    done = send(line, line)
    assert (done.received, done.already_known, UsageReport.objects.count()) == (1, 1, 1)


def test_reports_that_come_in_another_order_make_the_same_chain(active):
    lines = [active.report(number) for number in (5, 9, 3, 7)]
    for line in reversed(lines):
        send(line)
    assert chain_of(kid=active.kid) == Chain(newest_seq=4)
    assert list(UsageReport.objects.order_by("seq").values_list("active_users", flat=True)) == [5, 9, 3, 7]


def test_a_gap_is_told_until_it_is_filled(active):
    lines = [active.report() for _ in range(10)]
    assert send(lines[0], lines[4], lines[9]).chain.missing == ((2, 4), (6, 9))
    assert send(*lines[1:4]).chain.missing == ((6, 9),)
    whole = send(*lines[5:9]).chain
    assert (whole.missing, whole.missing_count, whole.is_forked) == ((), 0, False)


def test_reports_before_the_first_that_came_are_missing_too(active):
    lines = [active.report() for _ in range(3)]
    assert send(lines[2]).chain.missing == ((1, 2),)


def test_a_cloned_server_forks_the_chain_and_both_sides_are_kept(active):
    send(active.report(100))
    here, there = active.report(200, keep=False), active.report(90)
    send(here)
    done = send(there, active.report(95))
    assert (done.received, done.chain.is_forked, done.chain.missing) == (2, True, ())
    assert UsageReport.objects.count() == 4


def test_the_server_is_seen_and_its_version_known(active, now):
    send(active.report(), at=now + DAY)
    active.version = "10.9.1"
    send(active.report(), at=now + 2 * DAY)
    place = Deployment.objects.get()
    assert (place.last_seen_at, place.version) == (now + 2 * DAY, "10.9.1")
    active.version = "9.0.0"
    late = Server(active.file, now, key=active.key, id=active.id, version="9.0.0")
    send(late.report(3))
    assert Deployment.objects.get().version == "10.9.1"


def test_a_clock_that_is_ahead_is_not_believed(active, now):
    send(active.report(issued_at=now + 300 * DAY), at=now)
    assert UsageReport.objects.get().counted_at == now


def test_a_released_server_may_still_send_what_it_counted(active, now):
    place = Deployment.objects.get()
    release_by_deployment(release=active.release(zbase32.encode(place.pk)), actor=ACTOR, now=now)
    assert send(active.report()).received == 1


def test_a_server_that_was_activated_anew_goes_on_with_its_chain(active, take, now):
    place = Deployment.objects.get()
    send(active.report())
    release_by_deployment(release=active.release(zbase32.encode(place.pk)), actor=ACTOR, now=now)
    anew = take(active, at=now + DAY).deployment
    done = send(active.report())
    assert done.chain == Chain(newest_seq=2)
    assert UsageReport.objects.get(seq=2).deployment_id == anew.pk


# ---- Refused ---------------------------------------------------------------------------------------------------------


def test_one_forged_report_among_sound_ones_has_none_of_them_counted(active):
    lines = [active.report() for _ in range(3)]
    forged = lines[1][:-5] + b"AAAA" + lines[1][-1:]
    with pytest.raises(BadSignatureError):
        send(lines[0], forged, lines[2])
    assert UsageReport.objects.count() == 0


def test_who_has_no_place_counts_nothing(active, licensed, now):
    with pytest.raises(UnknownActivationError):
        send(Server(active.file, now).report())
    elsewhere = Server(licensed(), now, key=active.key, id=active.id)
    with pytest.raises(UnknownActivationError):
        send(elsewhere.report())
    with pytest.raises(UnknownActivationError):
        send(active.report(deployment=elsewhere.subscription, keep=False))
    assert UsageReport.objects.count() == 0


def test_a_report_of_another_server_in_an_export_is_refused(active, licensed, take, now):
    other = Server(licensed(), now)
    take(other)
    with pytest.raises(UnknownKeyError):
        send(active.report(), other.report())
    assert UsageReport.objects.count() == 0


def test_a_server_of_another_organization_is_unknown_to_who_brings_a_file(active, stranger):
    with pytest.raises(UnknownActivationError):
        send(active.report(), organization_id=stranger.organization.pk)
    assert UsageReport.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (lambda _server: b"", MalformedArtifactError),
        (lambda _server: b"no report", MalformedArtifactError),
        (lambda server: server.request(), WrongKindError),
        (lambda _server: b"x" * (1024 * 1024 + 1), TooManyReportsError),
        (lambda server: b"\n".join([server.report()] * 1_001), MalformedArtifactError),
    ],
    ids=["empty", "text", "request", "too long", "too many"],
)
def test_what_is_no_export_is_refused(active, data, error):
    with pytest.raises(error):
        send(data(active))
    assert UsageReport.objects.count() == 0


# ---- What a chain comes to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("links", "newest", "missing", "forked"),
    [
        ([], 0, (), False),
        ([(1, "a", "")], 1, (), False),
        ([(1, "a", ""), (2, "b", "a"), (3, "c", "b")], 3, (), False),
        ([(2, "b", "a")], 2, ((1, 1),), False),
        ([(1, "a", ""), (4, "d", "c")], 4, ((2, 3),), False),
        ([(1, "a", ""), (2, "b", "x")], 2, (), True),
        ([(1, "a", ""), (2, "b", "a"), (2, "c", "a")], 2, (), True),
        ([(1, "a", ""), (1, "b", ""), (2, "c", "b")], 2, (), True),
    ],
)
def test_gaps_and_forks(links, newest, missing, forked):
    assert chain(Link(*link) for link in links) == Chain(newest, missing, forked)


def test_no_more_than_a_hundred_gaps_are_told_the_newest_ones():
    told = chain(Link(seq, str(seq), str(seq - 1)) for seq in range(2, 402, 2))
    assert (len(told.missing), told.missing[0], told.missing[-1]) == (100, (201, 201), (399, 399))
