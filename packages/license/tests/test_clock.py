"""A clock set back extends no term, and one set wrong and right again disables no sound license."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge import NOW, make_license
from keywright_license import LicenseState
from keywright_license.clock import CONFIRMED_AFTER, HighWater, next_mark, trusted_now
from running import TICK, Machine

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
LICENSE = make_license()  # issued a day before NOW
BACK = [HOUR, DAY, YEAR]


@pytest.fixture
def machine():
    """A product in its second month."""
    running = Machine(real=NOW, signed_at=LICENSE.issued_at)
    running.start()
    running.run(40 * DAY)
    return running


def state(machine):
    return LICENSE.state(now=machine.trusted())


@pytest.mark.parametrize("back", BACK)
@pytest.mark.parametrize("left", [HOUR, 30 * DAY])
def test_a_clock_set_back_extends_no_term(machine, back, left):
    machine.run(LICENSE.expires_at - left - machine.real)
    machine.wrong = -back
    machine.run(left)
    assert state(machine) is LicenseState.ACTIVE
    machine.run(timedelta(seconds=1))
    assert machine.clock < LICENSE.expires_at
    assert state(machine) is LicenseState.GRACE
    machine.run(10 * DAY)
    assert state(machine) is LicenseState.EXPIRED


@pytest.mark.parametrize("back", BACK)
def test_a_clock_set_back_before_every_start_extends_no_time_of_running(machine, back):
    while state(machine) is not LicenseState.EXPIRED:
        machine.wrong -= back
        machine.start()
        machine.run(5 * DAY)
    assert machine.ran <= LICENSE.expires_at - NOW + 10 * DAY + 5 * DAY + TICK


@pytest.mark.parametrize("back", BACK)
def test_a_clock_set_back_disables_no_sound_license(machine, back):
    machine.wrong = -back
    machine.run(20 * DAY)
    assert state(machine) is LicenseState.ACTIVE  # a year back is before the license begins
    machine.start()
    assert state(machine) is LicenseState.ACTIVE
    machine.wrong = timedelta(0)
    machine.run(TICK)
    assert machine.trusted() - machine.real <= TICK


@pytest.mark.parametrize("ahead", [HOUR, DAY, YEAR, 10 * YEAR])
@pytest.mark.parametrize("span", [HOUR, 6 * DAY])
def test_a_clock_set_ahead_and_back_leaves_no_trace(machine, ahead, span):
    machine.wrong = ahead
    machine.run(span)
    machine.wrong = timedelta(0)
    machine.run(TICK)
    assert machine.trusted() == machine.real
    assert state(machine) is LicenseState.ACTIVE


@pytest.mark.parametrize("ahead", [DAY, YEAR])
def test_a_clock_that_flickers_ahead_leaves_no_trace(machine, ahead):
    for _ in range(60):
        machine.wrong = ahead
        machine.run(5 * HOUR)
        machine.wrong = timedelta(0)
        machine.run(TICK)
    assert machine.trusted() == machine.real


def test_a_clock_wrong_at_the_first_start_of_all_leaves_no_trace():
    machine = Machine(real=NOW, signed_at=LICENSE.issued_at, wrong=YEAR)
    machine.start()
    machine.run(DAY)
    assert state(machine) is LicenseState.GRACE
    machine.wrong = timedelta(0)
    machine.run(TICK)
    assert state(machine) is LicenseState.ACTIVE


def test_the_mark_catches_up_after_the_machine_was_off(machine):
    machine.off(60 * DAY)
    assert machine.mine.at == machine.real - 60 * DAY
    machine.run(CONFIRMED_AFTER - TICK)
    assert machine.trusted() == machine.real
    assert machine.mine.at == machine.real - 60 * DAY
    machine.run(2 * TICK)
    assert machine.mine.at == machine.real
    machine.wrong = -YEAR
    machine.run(TICK)
    assert machine.trusted() == machine.real


def test_nights_without_power_are_confirmed_too(machine):
    for _ in range(60):
        machine.off(14 * HOUR)
        machine.run(10 * HOUR)
    assert machine.real - machine.mine.at < 2 * 17 * 14 * HOUR
    assert machine.trusted() == machine.real


def test_nodes_that_share_one_mark_do_not_count_an_hour_twice():
    nodes = [None, None, None]
    mark = next_mark(now=NOW, mark=None)
    now = NOW
    for round_ in range(1000):
        now += TICK
        for number, before in enumerate(nodes):
            elapsed = TICK if before else timedelta(0)
            nodes[number] = mark = next_mark(now=now - YEAR, mark=mark, before=before, elapsed=elapsed)
        # The first round only begins to measure.
        assert mark.at == NOW + round_ * TICK


@given(
    steps=st.lists(
        st.tuples(st.timedeltas(timedelta(0), 3 * DAY), st.timedeltas(-2 * YEAR, 2 * YEAR), st.booleans()),
        max_size=40,
    )
)
def test_the_mark_never_falls_and_never_lags_behind_what_ran(steps):
    mark, before, marks = next_mark(now=NOW, mark=None, signed_at=NOW), None, []
    ran = timedelta(0)
    for elapsed, wrong, restarted in steps:
        ran += timedelta(0) if restarted or before is None else elapsed
        before = next_mark(
            now=NOW + ran + wrong,
            mark=mark,
            before=None if restarted else before,
            elapsed=timedelta(0) if restarted or before is None else elapsed,
        )
        mark = HighWater.parse(str(before))
        marks.append(mark.at)
    assert all(earlier <= later for earlier, later in pairwise(marks))
    assert mark.at >= NOW + ran


def test_without_a_mark_the_clock_is_trusted():
    assert trusted_now(now=NOW, mark=None) == NOW
    assert next_mark(now=NOW, mark=None) == HighWater(NOW)


def test_what_the_vendor_signed_moves_the_mark():
    mark = next_mark(now=NOW - YEAR, mark=HighWater(NOW - YEAR), signed_at=NOW)
    assert mark == HighWater(NOW)
    assert next_mark(now=NOW, mark=mark, signed_at=NOW - YEAR) == mark
    assert next_mark(now=NOW + DAY, mark=None, signed_at=NOW) == HighWater(NOW, DAY)
    assert next_mark(now=NOW - DAY, mark=None, signed_at=NOW) == HighWater(NOW)


def test_a_time_that_the_vendor_signed_is_no_running():
    mark = HighWater(NOW, 30 * DAY, timedelta(0))
    assert next_mark(now=NOW + 30 * DAY, mark=mark, signed_at=NOW + 10 * DAY) == HighWater(
        NOW + 10 * DAY, 20 * DAY, timedelta(0)
    )


@pytest.mark.parametrize(
    "mark", [HighWater(NOW), HighWater(NOW + timedelta(microseconds=1), timedelta(seconds=0.25), 3 * DAY)]
)
def test_a_mark_is_stored_as_text(mark):
    assert HighWater.parse(str(mark)) == mark


def test_the_text_of_a_mark():
    east = NOW.astimezone(timezone(timedelta(hours=2)))
    assert str(HighWater(east, DAY, HOUR)) == "2026-11-24T06:00:00+00:00 86400.0 3600.0"


@pytest.mark.parametrize(
    "text", ["", "x y z", "2026-11-24T06:00:00 0 0", "2026-11-24T06:00:00+00:00 -1 0", "2026-11-24T06:00:00+00:00 0"]
)
def test_what_is_no_mark_is_told(text):
    with pytest.raises(ValueError, match=r"no mark|Invalid isoformat"):
        HighWater.parse(text)


def test_a_monotonic_clock_does_not_go_back():
    with pytest.raises(ValueError, match="does not go back"):
        next_mark(now=datetime.now(UTC), mark=None, elapsed=-TICK)
