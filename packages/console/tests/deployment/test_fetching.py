"""License changes and what is withdrawn, fetched where that was allowed, verified as any upload is."""

import pytest

from conftest import make_user
from deployment_acts import activated, allow_all, bundle, install
from keywright_console.deployment.errors import (
    NotActivatedError,
    PortalNotAllowedError,
    PortalRefusedError,
    PortalUnreachableError,
)
from keywright_console.deployment.models import Activation, Contact, State
from keywright_console.deployment.services.change_settings import allow
from keywright_console.deployment.services.fetch_licenses import fetch_licenses
from keywright_console.deployment.services.fetch_revocations import RefusedBundleError, fetch_revocations
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.licensing.trust import anchor
from keywright_console.revocations.models import KeptBundle
from keywright_console.revocations.selectors import revocations
from keywright_license import thumbprint
from keywright_license.revocations import RevocationReason
from vendor import DAY, NOON


def held(now=NOON):
    found = standing(now=now)
    return (
        found.in_force.license.id if found.in_force else None,
        found.waiting.license.id if found.waiting else None,
    )


def put(portal, *licenses):
    portal.files = [(one, portal.vendor.file(one)) for one in licenses]


def withdrawn(license_id):
    trusted = anchor()
    return revocations(keys=trusted.keys, product=trusted.product, now=NOON).of(license_id)


def test_a_superseding_file_takes_over_and_the_next_term_waits(db, vendor, portal):
    activated(vendor)
    new, following = vendor.license(seats=270), vendor.license(seats=270, starts=NOON + 360 * DAY)
    put(portal, new, following)
    assert [one.license.id for one in fetch_licenses(now=NOON)] == [new.id, following.id]
    assert held() == (new.id, following.id)
    assert fetch_licenses(now=NOON) == []
    assert Contact.objects.get(purpose="licenses").done_at == NOON


def test_what_is_here_already_is_left_alone(db, vendor, portal):
    old, _place = activated(vendor)
    put(portal, old)
    assert fetch_licenses(now=NOON) == []
    assert held() == (old.id, None)


def test_a_file_that_was_superseded_here_does_not_come_back(db, vendor, portal):
    old, _place = activated(vendor)
    new = vendor.license(seats=270)
    install(vendor.file(new))
    put(portal, old)
    assert fetch_licenses(now=NOON) == []
    assert held() == (new.id, None)


@pytest.mark.parametrize("switches", [{"may_speak": False}])
def test_off_is_respected(db, vendor, portal, switches):
    activated(vendor)
    allow(actor=SHELL, now=NOON, **switches)
    heard = len(portal.heard)
    for fetch in (fetch_licenses, fetch_revocations):
        with pytest.raises(PortalNotAllowedError):
            fetch(now=NOON)
    assert len(portal.heard) == heard


def test_too_few_seats_leave_all_as_it_was_and_are_told(admin, vendor, portal):
    old, _place = activated(vendor)
    make_user("mika")
    put(portal, vendor.license(seats=1))
    with pytest.raises(RefusedLicenseError):
        fetch_licenses(now=NOON)
    assert held() == (old.id, None)
    assert Contact.objects.get(purpose="licenses").code == "too_few_seats"


def test_a_strangers_file_is_not_applied(db, vendor, stranger, portal):
    old, _place = activated(vendor)
    one = stranger.license()
    portal.files = [(one, stranger.file(one))]
    with pytest.raises(RefusedLicenseError):
        fetch_licenses(now=NOON)
    assert held() == (old.id, None)


@pytest.mark.parametrize("answer", [{}, {"files": 1}, {"files": [1]}, {"files": [{"license_id": "x"}]}, b"x"])
def test_what_no_portal_says_changes_nothing(db, vendor, portal, answer):
    old, _place = activated(vendor)
    portal.answers["/api/v1/licenses/"] = answer
    with pytest.raises(PortalUnreachableError):
        fetch_licenses(now=NOON)
    assert held() == (old.id, None)


def test_a_place_that_was_released_at_the_portal_is_lost_here(db, vendor, portal):
    old, place = activated(vendor)
    portal.places.clear()
    with pytest.raises(PortalRefusedError):
        fetch_licenses(now=NOON)
    assert Activation.objects.get(pk=place.pk).state == State.LOST
    assert held() == (old.id, None)  # and goes on
    with pytest.raises(NotActivatedError):
        fetch_licenses(now=NOON)


def test_a_license_that_was_taken_out_does_not_come_back(db, vendor, portal):
    old, _place = activated(vendor)
    new = vendor.license(seats=270)
    put(portal, new)
    fetch_licenses(now=NOON)
    remove_license(actor=SHELL, now=NOON)
    install(vendor.file(old))
    assert fetch_licenses(now=NOON) == []


def test_both_series_of_what_is_withdrawn_are_kept(db, vendor, portal):
    allow_all()
    assert fetch_revocations(now=NOON) == []
    one, two = vendor.license().id, vendor.license().id
    portal.bundles = {"root": bundle(vendor, seq=3, revoked=[one], root=True), "issuing": bundle(vendor, revoked=[two])}
    assert [found.seq for found in fetch_revocations(now=NOON)] == [3, 1]
    assert [withdrawn(one).reason, withdrawn(two).reason] == [RevocationReason.REFUNDED] * 2
    assert withdrawn(vendor.license().id) is None
    assert Contact.objects.get(purpose="revocations").detail == {"numbers": [3, 1]}


def test_an_older_list_is_refused_and_the_newer_stays(db, vendor, portal):
    allow_all()
    one = vendor.license().id
    portal.bundles = {"issuing": bundle(vendor, seq=5, revoked=[one])}
    fetch_revocations(now=NOON)
    portal.bundles = {"issuing": bundle(vendor, seq=4)}
    with pytest.raises(RefusedBundleError) as raised:
        fetch_revocations(now=NOON)
    assert raised.value.code == "stale_bundle"
    assert withdrawn(one) is not None
    assert KeptBundle.objects.get().seq == 5


def test_a_strangers_list_is_refused(db, stranger, portal):
    allow_all()
    portal.bundles = {"issuing": bundle(stranger)}
    with pytest.raises(RefusedBundleError):
        fetch_revocations(now=NOON)
    assert not KeptBundle.objects.exists()


def test_a_key_that_a_root_withdrew_signs_no_list(db, vendor, portal):
    allow_all()
    one = vendor.license().id
    portal.bundles = {"issuing": bundle(vendor, seq=9, revoked=[one])}
    fetch_revocations(now=NOON)
    kid = thumbprint(vendor.issuing.public_key())
    portal.bundles = {"root": bundle(vendor, keys=[kid], root=True)}
    fetch_revocations(now=NOON)
    assert withdrawn(one) is None


def test_a_list_that_was_changed_in_the_database_tells_nothing(db, vendor, portal):
    allow_all()
    one = vendor.license().id
    portal.bundles = {"issuing": bundle(vendor, revoked=[one])}
    fetch_revocations(now=NOON)
    KeptBundle.objects.update(data=b"garbage")
    assert withdrawn(one) is None


def test_a_license_whose_key_a_root_withdrew_is_no_license_any_more(db, vendor, portal):
    install(vendor.file())
    allow_all()
    kid = thumbprint(vendor.issuing.public_key())
    portal.bundles = {"root": bundle(vendor, keys=[kid], root=True)}
    fetch_revocations(now=NOON)
    held = standing(now=NOON)
    assert (held.in_force, held.problem.code) == (None, "revoked_key")
    KeptBundle.objects.all().delete()
    assert standing(now=NOON).in_force is not None


def test_an_issuing_keys_bundle_withdraws_no_key(db, vendor, portal):
    install(vendor.file())
    allow_all()
    portal.bundles = {"issuing": bundle(vendor, seq=99)}
    fetch_revocations(now=NOON)
    KeptBundle.objects.update(series="root")
    assert standing(now=NOON).in_force is not None
