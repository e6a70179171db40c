import pytest
from bad_files import tampered

from keywright_console.kit.actor import SHELL
from keywright_console.licensing.errors import ChangedMeanwhileError
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.preview_license import preview_license
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.licensing.sources import Source
from keywright_license import Format
from vendor import DAY, NOON

START = NOON.replace(hour=0)


@pytest.fixture
def environment(settings):
    def put(data):
        settings.KEYWRIGHT_CONSOLE_LICENSE = data.decode()

    return put


@pytest.fixture
def disk(settings, tmp_path):
    file = tmp_path / "acme.keywright-license"
    settings.KEYWRIGHT_CONSOLE_LICENSE_FILE = str(file)
    return file


def apply(data):
    return apply_license(actor=SHELL, data=data, active_users=0, now=NOON)


def found():
    held = standing(now=NOON)
    current = None if held.in_force is None else (held.in_force.source, held.in_force.license.id)
    return current, [(one.source, one.license.id if one.license else one.problem.code) for one in held.unused]


@pytest.mark.parametrize("kind", list(Format))
def test_environment_then_database_then_file(db, vendor, environment, disk, kind):
    on_disk, applied, named = (vendor.license(seats=seats, kind=kind) for seats in (10, 20, 30))
    disk.write_bytes(vendor.file(on_disk))
    assert found() == ((Source.FILE, on_disk.id), [])
    apply(vendor.file(applied))
    assert found() == ((Source.DATABASE, applied.id), [(Source.FILE, on_disk.id)])
    environment(vendor.file(named))
    assert found() == ((Source.ENVIRONMENT, named.id), [(Source.DATABASE, applied.id), (Source.FILE, on_disk.id)])


def test_the_same_license_in_two_places_is_no_conflict(db, vendor, environment, disk):
    one = vendor.file()
    disk.write_bytes(one)
    apply(one)
    environment(one)
    assert found()[1] == []
    assert found()[0][0] is Source.ENVIRONMENT


def test_lines_that_a_variable_lost_are_found_again(db, vendor, settings):
    one = vendor.license()
    settings.KEYWRIGHT_CONSOLE_LICENSE = " ".join(vendor.file(one).decode().split("\n"))
    assert found() == ((Source.ENVIRONMENT, one.id), [])


def test_what_cannot_be_read_is_told_and_closes_nothing(db, vendor, environment, disk):
    applied = vendor.license()
    apply(vendor.file(applied))
    environment(tampered(vendor.file()))
    disk.mkdir()
    current, unused = found()
    assert current == (Source.DATABASE, applied.id)
    assert unused == [(Source.ENVIRONMENT, "bad_signature"), (Source.FILE, "unreadable")]
    assert standing(now=NOON).has("ldap") is True


def test_a_file_that_is_replaced_or_taken_away_counts_at_once(db, vendor, disk):
    first, second = vendor.license(seats=10), vendor.license(seats=20)
    disk.write_bytes(vendor.file(first))
    assert found() == ((Source.FILE, first.id), [])
    disk.write_bytes(vendor.file(second))
    assert found() == ((Source.FILE, second.id), [])
    disk.unlink()
    assert found() == (None, [])


def test_a_file_larger_than_a_license_is_refused_unread(db, vendor, disk):
    disk.write_bytes(b"x" * 10_000_000)
    assert found() == (None, [(Source.FILE, "too_large")])


def test_the_next_terms_license_waits_wherever_it_is(db, vendor, disk):
    apply(vendor.file())
    following = vendor.license(starts=START + 365 * DAY)
    disk.write_bytes(vendor.file(following))
    held = standing(now=NOON)
    assert (held.waiting.license.id, held.waiting.source, held.unused) == (following.id, Source.FILE, ())
    apply(vendor.file(starts=START + 365 * DAY))
    held = standing(now=NOON)
    assert held.waiting.source is Source.DATABASE
    assert [one.license.id for one in held.unused] == [following.id]


def test_applying_under_a_license_of_the_environment_keeps_that_in_force(db, vendor, environment):
    named, applied = vendor.license(seats=10), vendor.license(seats=20)
    environment(vendor.file(named))
    preview = preview_license(actor=SHELL, data=vendor.file(applied), active_users=0, now=NOON)
    assert preview.is_outdone is True
    apply_license(actor=SHELL, data=vendor.file(applied), active_users=0, now=NOON, seen=preview.standing.token)
    assert found() == ((Source.ENVIRONMENT, named.id), [(Source.DATABASE, applied.id)])
    assert remove_license(actor=SHELL, now=NOON) == [applied.id]
    assert found() == ((Source.ENVIRONMENT, named.id), [])


def test_a_file_that_changed_since_the_preview_is_a_change(db, vendor, disk):
    disk.write_bytes(vendor.file(seats=10))
    seen = preview_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON).standing.token
    disk.write_bytes(vendor.file(seats=20))
    with pytest.raises(ChangedMeanwhileError):
        apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON, seen=seen)
    assert not InstalledLicense.objects.exists()


@pytest.mark.parametrize("applied", [False, True])
def test_it_costs_one_query_or_three(db, vendor, disk, django_assert_num_queries, applied):
    if applied:
        apply(vendor.file())
    with django_assert_num_queries(1):
        standing(now=NOON)
    disk.write_bytes(vendor.file())
    with django_assert_num_queries(1 if applied else 3):
        standing(now=NOON)
