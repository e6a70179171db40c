import pytest
from django.db import IntegrityError, transaction

from keywright_console.kit.actor import SHELL
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.errors import ChangedMeanwhileError
from keywright_console.licensing.models import InstalledLicense, Place
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_license import Format, LicenseState
from vendor import DAY, NOON

START = NOON.replace(hour=0)


def apply(data, now=NOON, *, active_users=0, actor=SHELL, seen=None):
    return apply_license(actor=actor, data=data, active_users=active_users, now=now, seen=seen)


def places():
    return dict(InstalledLicense.objects.order_by("applied_at", "id").values_list("license_id", "place"))


@pytest.mark.parametrize("kind", list(Format))
def test_a_good_file_of_either_format_is_in_force_at_once(db, vendor, kind):
    one = vendor.license(kind=kind)
    applied = apply(vendor.file(one))
    assert (applied.license.id, applied.place, applied.changed) == (one.id, Place.IN_FORCE, True)
    found = standing(now=NOON)
    assert (found.in_force.license.id, found.in_force.state, found.waiting) == (one.id, LicenseState.ACTIVE, None)
    assert found.in_force.license.seats == 250


def test_the_bytes_are_kept_as_they_came(db, vendor):
    data = vendor.file()
    apply(data)
    assert bytes(InstalledLicense.objects.get().data) == data


def test_a_second_file_supersedes_the_first_which_is_kept(db, vendor):
    old, new = vendor.license(), vendor.license(seats=270)
    apply(vendor.file(old))
    apply(vendor.file(new), NOON + DAY)
    assert places() == {old.id: "superseded", new.id: "in_force"}
    assert InstalledLicense.objects.get(license_id=old.id).ended_at == NOON + DAY


def test_the_same_file_again_changes_nothing(db, vendor):
    data = vendor.file()
    apply(data)
    assert apply(data).changed is False
    assert InstalledLicense.objects.count() == 1
    assert AuditRow.objects.count() == 1


def test_applying_leaves_an_audit_row(db, vendor):
    old, new = vendor.license(), vendor.license(seats=270)
    apply(vendor.file(old))
    apply(vendor.file(new))
    row = AuditRow.objects.order_by("id").last()
    assert (row.action, row.subject, row.before, row.after) == (
        "license.applied",
        new.id,
        {"license": old.id},
        {"license": new.id, "place": "in_force", "seats": 270, "plan": "E20"},
    )


def test_a_license_whose_term_has_not_begun_waits_beside_the_one_in_force(db, vendor):
    present, following = vendor.license(), vendor.license(starts=START + 365 * DAY, seats=260)
    apply(vendor.file(present))
    assert apply(vendor.file(following)).place is Place.WAITING
    found = standing(now=NOON)
    assert (found.in_force.license.id, found.waiting.license.id) == (present.id, following.id)


def test_it_takes_over_by_itself_even_with_too_few_seats(db, vendor):
    present, following = vendor.license(), vendor.license(starts=START + 365 * DAY, seats=2)
    apply(vendor.file(present), active_users=2)
    apply(vendor.file(following), active_users=2)
    before, after = START + 365 * DAY - DAY, START + 365 * DAY
    assert standing(now=before).in_force.license.id == present.id
    found = standing(now=after)
    assert (found.in_force.license.id, found.waiting) == (following.id, None)
    assert places() == {present.id: "in_force", following.id: "waiting"}


def test_the_next_change_writes_down_what_time_has_done(db, vendor):
    present, following = vendor.license(), vendor.license(starts=START + 365 * DAY)
    more = vendor.license(starts=START + 365 * DAY, seats=300)
    apply(vendor.file(present))
    apply(vendor.file(following))
    apply(vendor.file(more), START + 366 * DAY)
    assert places() == {present.id: "superseded", following.id: "superseded", more.id: "in_force"}


def test_a_second_waiting_license_takes_the_place_of_the_first(db, vendor):
    first, second = (vendor.license(starts=START + 365 * DAY, seats=seats) for seats in (260, 280))
    apply(vendor.file(first))
    apply(vendor.file(second))
    assert places() == {first.id: "superseded", second.id: "waiting"}


def test_nothing_is_applied_when_things_changed_since_the_preview(db, vendor):
    seen = standing(now=NOON).token
    one, other = vendor.license(), vendor.license(seats=300)
    apply(vendor.file(one))
    with pytest.raises(ChangedMeanwhileError):
        apply(vendor.file(other), seen=seen)
    assert places() == {one.id: "in_force"}
    apply(vendor.file(other), seen=standing(now=NOON).token)
    assert standing(now=NOON).in_force.license.id == other.id


def test_a_member_applies_nothing(member, vendor):
    one = vendor.license()
    apply(vendor.file(one))
    with pytest.raises(NotAllowedError):
        apply(vendor.file(seats=300), actor=member.actor)
    assert places() == {one.id: "in_force"}
    assert AuditRow.objects.filter(action__startswith="license").count() == 1


@pytest.mark.parametrize("place", [Place.IN_FORCE, Place.WAITING])
def test_the_database_holds_one_row_a_place(db, vendor, place):
    def row():
        return InstalledLicense(license_id="x", data=b"x", place=place, applied_at=NOON, applied_by_kind="shell")

    row().save()
    with pytest.raises(IntegrityError), transaction.atomic():
        row().save()
