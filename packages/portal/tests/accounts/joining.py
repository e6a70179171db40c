"""More people of an organization."""

from __future__ import annotations

from keywright_portal.accounts.models import Membership, User
from keywright_portal.accounts.selectors import actor_of


def join(organization, *, role, now, name="Mo Member"):
    """The actor of a new user in `organization`."""
    user = User.objects.create_user(f"{name.replace(' ', '.')}@{organization.slug}.example", name=name)
    Membership.objects.create(user=user, organization=organization, role=role, created_at=now)
    return actor_of(user_id=user.pk, organization_id=organization.pk, role=role)
