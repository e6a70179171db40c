from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from keywright_portal.accounts.errors import AddressTakenError
from keywright_portal.accounts.models import Membership, Organization, PolicyAgreement, User
from keywright_portal.accounts.services.sign_up import sign_up
from keywright_portal.kit.models import AuditEntry

pytestmark = pytest.mark.django_db


def ana(now, **changes):
    given = {
        "name": "Ana Ferreira",
        "email": "Ana.Ferreira@Brightwater.example",
        "password": "tidal-lantern-orbit",
        "organization_name": "Brightwater Logistics GmbH",
        "country": "DE",
        "privacy_version": "2026-01",
        "now": now,
    }
    return sign_up(**{**given, **changes})


def test_makes_a_user_an_organization_and_its_owner(now):
    made = ana(now)

    assert (made.user.email, made.user.name, made.user.joined_at) == (
        "ana.ferreira@brightwater.example",
        "Ana Ferreira",
        now,
    )
    assert made.user.check_password("tidal-lantern-orbit")
    assert (made.organization.slug, made.organization.name, made.organization.country.code) == (
        "brightwater-logistics-gmbh",
        "Brightwater Logistics GmbH",
        "DE",
    )
    assert list(Membership.objects.values_list("user_id", "organization_id", "role")) == [
        (made.user.pk, made.organization.pk, "owner")
    ]


def test_the_address_is_not_confirmed_yet(now):
    made = ana(now)

    assert list(EmailAddress.objects.values_list("user_id", "email", "primary", "verified")) == [
        (made.user.pk, "ana.ferreira@brightwater.example", True, False)
    ]


def test_keeps_which_version_of_the_privacy_policy_was_agreed_to_and_when(now):
    made = ana(now)

    assert list(PolicyAgreement.objects.values_list("user_id", "version", "agreed_at")) == [
        (made.user.pk, "2026-01", now)
    ]


def test_leaves_an_audit_row_without_personal_values(now):
    made = ana(now)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_user_id, entry.organization_id, entry.at) == (
        "account.signed_up",
        made.user.pk,
        made.organization.pk,
        now,
    )
    assert entry.after == {"role": "owner", "country": "DE", "privacy_version": "2026-01"}


def test_a_taken_address_is_refused_and_leaves_nothing(now):
    ana(now)

    with pytest.raises(AddressTakenError):
        ana(now, email="ANA.ferreira@brightwater.example", organization_name="Another one")

    counted = [model.objects.count() for model in (User, Organization, Membership, PolicyAgreement, EmailAddress)]
    assert counted == [1, 1, 1, 1, 1]


def test_organizations_of_one_name_get_slugs_of_their_own(now):
    slugs = [ana(now, email=f"{number}@brightwater.example").organization.slug for number in range(4)]

    assert slugs[:3] == ["brightwater-logistics-gmbh", "brightwater-logistics-gmbh-2", "brightwater-logistics-gmbh-3"]
    assert slugs[3].startswith("brightwater-logistics-gmbh-")
    assert len(set(slugs)) == 4
