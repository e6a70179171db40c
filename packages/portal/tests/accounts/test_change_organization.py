from __future__ import annotations

import pytest
from joining import join

from keywright_portal.accounts.errors import OrganizationDetailError
from keywright_portal.accounts.models import Organization, Role
from keywright_portal.accounts.services.change_organization import change_organization
from keywright_portal.accounts.services.rename_user import rename_user
from keywright_portal.kit.errors import PermissionDeniedError
from keywright_portal.kit.models import AuditEntry

pytestmark = pytest.mark.django_db

CHANGES = {
    "name": "Brightwater SE",
    "country": "AT",
    "street": "Ring 1",
    "postal_code": "1010",
    "city": "Wien",
    "vat_number": "ATU12345678",
    "billing_email": "billing@brightwater.example",
}


def stored(organization):
    return Organization.objects.filter(pk=organization.pk).values(*CHANGES, "slug").get()


def test_writes_every_field_and_keeps_the_slug(buyer, now):
    change_organization(actor=buyer.actor, changes=CHANGES, now=now)

    assert stored(buyer.organization) == {**CHANGES, "slug": "brightwater-logistics"}


def test_the_audit_row_names_the_fields_and_no_personal_value(buyer, now):
    change_organization(actor=buyer.actor, changes={"street": "Ring 1", "country": "AT"}, now=now)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_user_id, entry.subject_id) == (
        "organization.changed",
        buyer.user.pk,
        str(buyer.organization.pk),
    )
    assert entry.before == {"country": "DE"}
    assert entry.after == {"fields": ["country", "street"], "country": "AT"}


def test_what_does_not_differ_leaves_no_trace(buyer, now):
    change_organization(actor=buyer.actor, changes={"name": "Brightwater Logistics", "city": ""}, now=now)

    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("role", [Role.BILLING, Role.MEMBER])
def test_who_may_not_changes_nothing(buyer, role, now):
    before = stored(buyer.organization)

    with pytest.raises(PermissionDeniedError):
        change_organization(actor=join(buyer.organization, role=role, now=now), changes=CHANGES, now=now)

    assert stored(buyer.organization) == before
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"), [({"slug": "mine"}, "slug"), ({"created_at": "now"}, "created_at"), ({"name": "  "}, "name")]
)
def test_other_fields_and_an_empty_name_are_refused(buyer, now, changes, field):
    before = stored(buyer.organization)

    with pytest.raises(OrganizationDetailError) as refused:
        change_organization(actor=buyer.actor, changes={"city": "Wien", **changes}, now=now)

    assert refused.value.field == field
    assert stored(buyer.organization) == before


def test_renaming_oneself_leaves_a_row_without_the_name(buyer, now):
    assert rename_user(user_id=buyer.user.pk, name="Ana F.", now=now).name == "Ana F."

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.before, entry.after) == ("account.renamed", None, {"fields": ["name"]})


def test_renaming_to_the_same_leaves_none(buyer, now):
    rename_user(user_id=buyer.user.pk, name="Ana Ferreira", now=now)

    assert AuditEntry.objects.count() == 0
