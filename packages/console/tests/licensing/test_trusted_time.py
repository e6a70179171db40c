"""The clock set back: no term is extended. Forward and back: no sound license is disabled."""

from datetime import timedelta

import pytest

from keywright_console.kit.actor import SHELL
from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.models import ClockMark
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.preview_license import preview_license
from keywright_console.licensing.trusted_time import Seen, judging_time, move_mark, stored_mark
from keywright_license import LicenseState
from vendor import DAY, NOON

HOUR = timedelta(hours=1)
START = NOON.replace(hour=0)


class Node:
    """A process whose own clock runs on, whatever the wall clock says."""

    def __init__(self):
        self.seen = Seen()
        self.ticks = 1000.0

    def run(self, *, wall, lasts=timedelta(0)):
        self.ticks += lasts.total_seconds()
        return move_mark(now=wall, signed_at=NOON - 400 * DAY, monotonic=self.ticks, seen=self.seen)


def ran_until(node, end):
    """Run from a year before NOON's license's start to `end`, looking every six hours, with a right clock."""
    wall = NOON - 10 * DAY
    node.run(wall=wall)
    while wall < end:
        wall += 6 * HOUR
        node.run(wall=wall, lasts=6 * HOUR)
    return wall


@pytest.mark.parametrize("back", [HOUR, DAY, 365 * DAY])
def test_a_clock_set_back_extends_no_term(db, vendor, back):
    apply_license(actor=SHELL, data=vendor.file(days=20), active_users=0, now=NOON)
    node = Node()
    end = ran_until(node, START + 20 * DAY + 12 * HOUR)
    assert standing(now=end + HOUR).in_force.state is LicenseState.GRACE
    now = end
    for _ in range(11 * 4):  # the term's end and its grace pass, by the wall clock they never come
        now = end - back
        node.run(wall=now, lasts=6 * HOUR)
    held = standing(now=now)
    assert held.in_force.state is LicenseState.EXPIRED
    assert held.at >= end + 11 * DAY
    assert held.has("ldap") is False


@pytest.mark.parametrize("ahead", [HOUR, DAY, 365 * DAY])
def test_a_clock_set_ahead_and_put_right_disables_no_sound_license(db, vendor, ahead):
    apply_license(actor=SHELL, data=vendor.file(days=200), active_users=0, now=NOON)
    node = Node()
    now = ran_until(node, NOON)
    for _ in range(6 * 4):  # six days wrong, then put right
        now += 6 * HOUR
        node.run(wall=now + ahead, lasts=6 * HOUR)
    held = standing(now=now)
    assert (held.at, held.in_force.state) == (now, LicenseState.ACTIVE)
    assert held.has("ldap") is True


def test_two_nodes_count_the_same_hour_once(db):
    one, other = Node(), Node()
    one.run(wall=NOON)
    other.run(wall=NOON)
    for step in range(1, 11):
        for node in (one, other):
            mark = node.run(wall=NOON + step * HOUR, lasts=HOUR)
    assert mark.at == NOON - 400 * DAY + 10 * HOUR
    assert judging_time(now=NOON, stored=str(mark)) == NOON


def test_what_has_expired_by_the_mark_cannot_be_applied_by_a_clock_set_back(db, vendor):
    ran_until(Node(), NOON + 40 * DAY)
    old = vendor.file(days=20)
    for service in (apply_license, preview_license):
        with pytest.raises(RefusedLicenseError) as refusal:
            service(actor=SHELL, data=old, active_users=0, now=NOON)
        assert refusal.value.code == "expired"


@pytest.mark.parametrize("spoilt", ["", "yesterday", "2026-03-12T12:00:00+00:00 x 0.0", "9" * 90])
def test_a_spoilt_mark_counts_as_none_and_is_made_anew(db, spoilt):
    ClockMark.objects.create(mark=spoilt)
    assert judging_time(now=NOON, stored=stored_mark()) == NOON
    assert standing(now=NOON).at == NOON
    Node().run(wall=NOON)
    assert stored_mark() != spoilt
