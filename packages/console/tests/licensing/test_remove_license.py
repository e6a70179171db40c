from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense, Place
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.remove_license import remove_license
from vendor import DAY, NOON

END = NOON.replace(hour=0) + 365 * DAY


def apply(vendor, one, now=NOON):
    apply_license(actor=SHELL, data=vendor.file(one), active_users=0, now=now)


def test_removing_none_is_no_error(db):
    assert remove_license(actor=SHELL, now=NOON) == []
    assert not AuditRow.objects.exists()


def test_both_go_by_default(db, vendor):
    present, following = vendor.license(), vendor.license(starts=END)
    apply(vendor, present)
    apply(vendor, following)
    assert sorted(remove_license(actor=SHELL, now=NOON)) == sorted([present.id, following.id])
    found = standing(now=END + DAY)
    assert (found.in_force, found.waiting) == (None, None)
    assert set(InstalledLicense.objects.values_list("place", "ended_at")) == {("removed", NOON)}
    assert AuditRow.objects.filter(action="license.removed").count() == 2


def test_the_one_in_force_alone(db, vendor):
    present, following = vendor.license(), vendor.license(starts=END)
    apply(vendor, present)
    apply(vendor, following)
    assert remove_license(actor=SHELL, places=[Place.IN_FORCE], now=NOON) == [present.id]
    found = standing(now=NOON)
    assert (found.in_force, found.waiting.license.id) == (None, following.id)


def test_one_that_took_over_is_the_one_in_force(db, vendor):
    present, following = vendor.license(), vendor.license(starts=END)
    apply(vendor, present)
    apply(vendor, following)
    assert remove_license(actor=SHELL, places=[Place.IN_FORCE], now=END + DAY) == [following.id]
    assert standing(now=END + DAY).in_force is None


def test_a_removed_license_can_be_applied_again(db, vendor):
    one = vendor.license()
    apply(vendor, one)
    remove_license(actor=SHELL, now=NOON)
    apply(vendor, one, NOON + DAY)
    assert standing(now=NOON + DAY).in_force.license.id == one.id
    assert InstalledLicense.objects.count() == 2
