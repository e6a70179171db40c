from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from joining import join

from keywright_portal.accounts.models import Membership, Role, User
from keywright_portal.accounts.selectors import (
    PERMISSIONS,
    home_organization,
    members_of,
    place_for,
    staff_actor,
)
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError

pytestmark = pytest.mark.django_db


def test_a_user_is_an_actor_in_ones_own_organization_in_one_query(buyer, django_assert_num_queries):
    with django_assert_num_queries(1):
        place = place_for(user=buyer.user, organization_slug="brightwater-logistics")

    assert place.actor == buyer.actor
    assert place.organization == buyer.organization
    assert (place.role, place.is_verified) == (Role.OWNER, False)


def test_tells_whether_the_address_was_confirmed(buyer):
    EmailAddress.objects.create(user=buyer.user, email=buyer.user.email, primary=True, verified=True)

    assert place_for(user=buyer.user, organization_slug="brightwater-logistics").is_verified


@pytest.mark.parametrize("slug", ["other-company", "no-such-organization", ""])
def test_a_foreign_organization_looks_like_none(buyer, stranger, slug):
    with pytest.raises(NotFoundError) as refused:
        place_for(user=buyer.user, organization_slug=slug)

    assert str(refused.value.message) == (
        "There is no such organization, or you aren’t a member of it. Check the address."
    )


def test_every_role_has_its_permissions():
    everything = frozenset(one for one in Permission if not one.startswith("vendor."))

    assert {Role(role): permissions for role, permissions in PERMISSIONS.items()} == {
        Role.OWNER: everything,
        Role.ADMIN: everything,
        Role.BILLING: everything - {Permission.LICENSE_DOWNLOAD, Permission.ORGANIZATION_CHANGE},
        Role.MEMBER: frozenset({Permission.READ, Permission.LICENSE_DOWNLOAD}),
    }


def test_no_role_in_an_organization_gives_what_is_the_vendors():
    given = frozenset().union(*PERMISSIONS.values())

    assert {one for one in given if one.startswith("vendor.")} == set()


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("admin", {"vendor.read", "vendor.support", "vendor.billing"}),
        ("billing", {"vendor.read", "vendor.billing"}),
        ("support", {"vendor.read", "vendor.support"}),
        ("", set()),
    ],
)
def test_staff_may_what_their_role_says(role, permissions):
    staff = User.objects.create_user("sam@example.com", name="Sam", is_staff=True, staff_role=role)

    assert staff_actor(staff) == Actor(user_id=staff.pk, organization_id=None, permissions=frozenset(permissions))


@pytest.mark.parametrize("taken", [{"is_staff": False}, {"is_active": False}])
def test_who_is_no_longer_staff_may_nothing(taken):
    staff = User.objects.create_user(
        "sam@example.com", name="Sam", **{"is_staff": True, "staff_role": "admin", **taken}
    )

    assert staff_actor(staff).permissions == frozenset()


def test_home_is_the_organization_joined_first(buyer, stranger, now):
    later = now.replace(year=2027)
    Membership.objects.create(user=buyer.user, organization=stranger.organization, role="member", created_at=later)

    assert home_organization(buyer.user) == buyer.organization


def test_who_belongs_to_none_has_no_home():
    staff = User.objects.create_superuser("staff@example.com", "correct horse battery", name="Sam")

    assert home_organization(staff) is None


def test_members_are_listed_by_role_then_name(buyer, now):
    for name, role in (("zoe", "admin"), ("Bea", "admin"), ("Al", "member")):
        join(buyer.organization, role=role, name=name, now=now)

    assert [member.user.name for member in members_of(actor=buyer.actor)] == ["Ana Ferreira", "Bea", "zoe", "Al"]


def test_members_are_not_for_who_may_not_read(buyer):
    nobody = Actor(user_id=buyer.user.pk, organization_id=buyer.organization.pk)

    with pytest.raises(PermissionDeniedError):
        members_of(actor=nobody)


def test_a_stranger_sees_no_member_of_the_first(buyer, stranger):
    assert [member.user for member in members_of(actor=stranger.actor)] == [stranger.user]
