"""Reading who somebody is: the organizations of a user, and what the user may do in one of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from allauth.account.models import EmailAddress
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from keywright_portal.accounts.models import Membership, Organization, Role, StaffRole
from keywright_portal.kit.actor import OF_ORGANIZATION, OF_VENDOR, Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright_portal.accounts.models import User

PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    Role.OWNER: OF_ORGANIZATION,
    Role.ADMIN: OF_ORGANIZATION,
    Role.BILLING: frozenset({Permission.READ, Permission.ORDER, Permission.BILLING_READ, Permission.BILLING_CHANGE}),
    Role.MEMBER: frozenset({Permission.READ, Permission.LICENSE_DOWNLOAD}),
}
"""What each role may do. Owner and admin differ in one thing: nobody can take an organization's last owner away."""

STAFF_PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    StaffRole.ADMIN: OF_VENDOR,
    StaffRole.BILLING: frozenset({Permission.VENDOR_READ, Permission.VENDOR_BILLING}),
    StaffRole.SUPPORT: frozenset({Permission.VENDOR_READ, Permission.VENDOR_SUPPORT}),
}
"""What each role on the vendor's staff may do. Who has none of them may nothing, staff or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a user acts: the actor, the organization's row, and whether the user's address was ever confirmed."""

    actor: Actor
    organization: Organization
    role: Role
    is_verified: bool


def place_for(*, user: User, organization_slug: str) -> Place:
    """The user's place in an organization, in one query; prepared, since every page of an organization asks it.

    Raises NotFoundError both for an organization that doesn't exist and for one that isn't the user's.
    """
    found = _PLACE(user.pk, organization_slug)
    if not found:
        raise NotFoundError(_("There is no such organization, or you aren’t a member of it. Check the address."))
    role, is_verified, *values = found[0]
    organization = Organization.from_db(DEFAULT_DB_ALIAS, _ORGANIZATION_FIELDS, values)
    return Place(
        actor=actor_of(user_id=user.pk, organization_id=organization.pk, role=role),
        organization=organization,
        role=Role(role),
        is_verified=is_verified,
    )


def _place(user_id: uuid.UUID, organization_slug: str) -> QuerySet[Membership, tuple[Any, ...]]:
    verified = EmailAddress.objects.filter(user_id=OuterRef("user_id"), verified=True)
    return Membership.objects.filter(user_id=user_id, organization__slug=organization_slug).values_list(
        "role", Exists(verified), *(f"organization__{field}" for field in _ORGANIZATION_FIELDS)
    )


_ORGANIZATION_FIELDS: Final = [field.attname for field in Organization._meta.concrete_fields]  # noqa: SLF001 (Django's documented API)
_PLACE: Final = PreparedQuery(_place, uuid.UUID, str)


def actor_of(*, user_id: uuid.UUID, organization_id: uuid.UUID, role: str) -> Actor:
    """The actor that a membership makes of a user."""
    return Actor(user_id=user_id, organization_id=organization_id, permissions=PERMISSIONS[role])


def staff_actor(user: User) -> Actor:
    """One of the vendor's people as an actor, in no organization. Without a role, or no longer staff: may nothing."""
    is_staff = user.is_active and user.is_staff
    permissions = STAFF_PERMISSIONS.get(user.staff_role, frozenset()) if is_staff else frozenset()
    return Actor(user_id=user.pk, organization_id=None, permissions=permissions)


def home_organization(user: User) -> Organization | None:
    """Where the user lands after signing in: the organization joined first. Staff may have none."""
    membership = (
        Membership.objects.select_related("organization").filter(user_id=user.pk).order_by("created_at", "pk").first()
    )
    return membership.organization if membership is not None else None


def members_of(*, actor: Actor) -> Sequence[Membership]:
    """The members of the actor's organization with their users, owners first. Raises PermissionDeniedError."""
    actor.require(Permission.READ)
    if actor.organization_id is None:
        return []
    memberships = Membership.objects.select_related("user").filter(organization_id=actor.organization_id)
    order = list(Role)
    return sorted(memberships, key=lambda row: (order.index(Role(row.role)), row.user.name.casefold(), row.pk))
