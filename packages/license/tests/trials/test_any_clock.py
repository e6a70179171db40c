"""Whatever people do with a clock: no term grows, and no sound license is disabled by what was put right again."""

from datetime import timedelta
from random import Random

from forge import NOW, make_license
from keywright_license import LicenseState
from keywright_license.clock import CONFIRMED_AFTER
from running import TICK, Machine
from trials.sizes import size

LIVES = size(40)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
NONE = timedelta(0)
TERM = timedelta(days=200)


def licensed(chance):
    begins = NOW - chance.choice((NONE, DAY, 20 * DAY))
    return make_license(issued_at=begins, starts_at=begins, expires_at=begins + TERM)


def do_something(machine, chance):
    """A year in the life of a server, and of its clock."""
    match chance.randrange(8):
        case 0:
            machine.wrong += chance.choice((-1, 1)) * chance.choice((HOUR, DAY, YEAR))
        case 1:
            machine.wrong = -chance.choice((HOUR, DAY, YEAR))
        case 2:
            machine.wrong = NONE
        case 3:
            machine.start()
        case _:
            machine.run(chance.choice((HOUR, 3 * HOUR, DAY, 6 * DAY)))


def test_no_term_grows():
    """However the clock is set, a license is active for no longer than its term of running."""
    for life in range(LIVES):
        chance = Random(life)
        license = licensed(chance)
        machine = Machine(real=NOW, signed_at=license.issued_at)
        machine.start()
        while machine.ran < TERM + 20 * DAY:
            do_something(machine, chance)
            if license.issued_at + machine.ran > license.expires_at:
                assert license.state(now=machine.trusted()) is not LicenseState.ACTIVE, life
            if license.issued_at + machine.ran > license.expires_at + 10 * DAY:
                assert license.state(now=machine.trusted()) is LicenseState.EXPIRED, life


def test_no_sound_license_is_disabled():
    """A clock that is wrong for less than a week at a time, and right in between, is right again at once."""
    for life in range(LIVES):
        chance = Random(life)
        license = licensed(chance)
        machine = Machine(real=NOW, signed_at=license.issued_at, wrong=chance.choice((NONE, YEAR)))
        machine.start()
        while machine.real < license.expires_at - 8 * DAY:
            machine.wrong = chance.choice((-1, 1)) * chance.choice((HOUR, DAY, YEAR))
            if chance.randrange(2):
                machine.start()
            machine.run(chance.choice((HOUR, DAY, CONFIRMED_AFTER - DAY)))
            machine.wrong = NONE
            machine.run(chance.choice((TICK, DAY)))
            assert license.state(now=machine.trusted()) is LicenseState.ACTIVE, life
            assert machine.trusted() - machine.real <= TICK, life


def test_a_mark_that_only_keeps_the_highest_time_fails_both():
    """The twin: `max` of all readings, as it is often done."""
    license = licensed(Random(0))
    mark, now = NOW, NOW
    for wrong, span in ((YEAR, HOUR), (NONE, DAY)):
        now += span
        mark = max(mark, now + wrong)
    assert license.state(now=max(now, mark)) is LicenseState.EXPIRED  # sound, and disabled
    mark, now = license.expires_at - DAY, license.expires_at - DAY
    for _ in range(100):
        now += DAY
        mark = max(mark, now - 365 * DAY)
    assert license.state(now=max(now - 365 * DAY, mark)) is LicenseState.ACTIVE  # over, and goes on
