import pytest
from bad_files import tampered
from django.db import connection

from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError, NotConfiguredError
from keywright_console.licensing.models import InstalledLicense, Place
from keywright_console.licensing.reading import _remembered
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.preview_license import preview_license
from keywright_console.licensing.services.remove_license import remove_license
from keywright_license import LicenseState
from vendor import DAY, NOON

START = NOON.replace(hour=0)
END = START + 365 * DAY


def apply(data, now=NOON):
    apply_license(actor=SHELL, data=data, active_users=0, now=now)


def test_without_a_license_nothing_is_open(db):
    found = standing(now=NOON)
    assert (found.in_force, found.waiting, found.problem, found.has("ldap")) == (None, None, None, False)


def test_features_open_while_active_and_in_grace(db, vendor):
    apply(vendor.file(plan="E10"))
    expires = END + DAY / 2
    states = []
    for now in (START, expires, expires + DAY, expires + 10 * DAY, expires + 10.1 * DAY):
        found = standing(now=now)
        states.append((found.in_force.state, found.has("ldap"), found.has("cluster")))
    assert states == [
        (LicenseState.ACTIVE, True, False),
        (LicenseState.ACTIVE, True, False),
        (LicenseState.GRACE, True, False),
        (LicenseState.GRACE, True, False),
        (LicenseState.EXPIRED, False, False),
    ]


def test_it_is_one_query(db, vendor, django_assert_num_queries):
    apply(vendor.file())
    apply(vendor.file(starts=END))
    with django_assert_num_queries(1):
        standing(now=NOON)


def test_the_signature_is_checked_once_for_the_same_bytes(db, vendor, monkeypatch):
    apply(vendor.file())
    _remembered.cache_clear()
    standing(now=NOON)
    monkeypatch.setattr("keywright_console.licensing.reading.verify", None)
    assert standing(now=NOON.replace(second=59)).in_force is not None


def test_a_byte_changed_in_the_database_is_refused(db, vendor):
    data = vendor.file()
    apply(data)
    standing(now=NOON)
    InstalledLicense.objects.update(data=tampered(data))
    found = standing(now=NOON)
    assert found.in_force is None
    assert found.problem.code == "bad_signature"
    assert not found.has("ldap")


def test_a_row_written_by_hand_grants_nothing(db, stranger):
    InstalledLicense.objects.create(
        license_id="x", data=stranger.file(), place=Place.IN_FORCE, applied_at=NOON, applied_by_kind="shell"
    )
    assert standing(now=NOON).problem.code == "unknown_key"


def test_what_is_broken_can_be_replaced(db, vendor):
    data = vendor.file()
    apply(data)
    InstalledLicense.objects.update(data=b"garbage")
    apply(data)
    assert standing(now=NOON).in_force is not None


def test_a_broken_waiting_file_leaves_the_one_in_force(db, vendor):
    apply(vendor.file())
    apply(vendor.file(starts=END))
    InstalledLicense.objects.filter(place=Place.WAITING).update(data=b"garbage")
    found = standing(now=END + DAY / 4)
    assert found.in_force.state is LicenseState.ACTIVE
    assert found.problem.code == "malformed"


def test_new_keys_are_used_without_a_restart(db, vendor, stranger, settings, tmp_path):
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = str(stranger.publish(tmp_path / "keys.json"))
    with pytest.raises(Exception, match="doesn’t trust"):
        apply(vendor.file())
    vendor.publish(tmp_path / "keys.json")
    apply(vendor.file())
    assert standing(now=NOON).in_force is not None


@pytest.mark.parametrize("name", ["KEYWRIGHT_CONSOLE_TRUSTED_KEYS", "KEYWRIGHT_CONSOLE_PRODUCT"])
def test_a_missing_setting_is_named(db, vendor, settings, name):
    setattr(settings, name, "")
    with pytest.raises(NotConfiguredError, match=name):
        apply(vendor.file())


@pytest.mark.parametrize("content", [b"", b"{}", b"hello"])
def test_a_key_file_that_is_none_is_named(db, vendor, settings, tmp_path, content):
    file = tmp_path / "keys"
    file.write_bytes(content)
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = str(file)
    with pytest.raises(NotConfiguredError, match="KEYWRIGHT_CONSOLE_TRUSTED_KEYS"):
        apply(vendor.file())


def test_a_key_file_that_is_missing_is_named(db, vendor, settings, tmp_path):
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = str(tmp_path / "none")
    with pytest.raises(NotConfiguredError, match="no readable"):
        apply(vendor.file())


def test_a_preview_saves_nothing(db, vendor):
    one = vendor.license()
    apply(vendor.file(one))
    seen = preview_license(actor=SHELL, data=vendor.file(seats=270, company="Other AG"), active_users=258, now=NOON)
    assert (seen.license.seats, seen.place, seen.is_other_organization) == (270, Place.IN_FORCE, True)
    assert seen.standing.in_force.license.id == one.id
    assert InstalledLicense.objects.count() == 1
    assert connection.in_atomic_block


def test_a_member_previews_and_removes_nothing(member, vendor):
    apply(vendor.file())
    with pytest.raises(NotAllowedError):
        preview_license(actor=member.actor, data=vendor.file(), active_users=0, now=NOON)
    with pytest.raises(NotAllowedError):
        remove_license(actor=member.actor, now=NOON)
    assert standing(now=NOON).in_force is not None
