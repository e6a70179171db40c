"""Who acts, and what they may do. Selectors and services take an Actor; they never look at a request or a user row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import PermissionDeniedError


class Permission(StrEnum):
    """What can be allowed, action by action."""

    READ = "organization.read"
    ORDER = "orders.place"
    BILLING_READ = "billing.read"
    BILLING_CHANGE = "billing.change"
    LICENSE_DOWNLOAD = "licenses.download"
    ORGANIZATION_CHANGE = "organization.change"
    VENDOR_READ = "vendor.read"
    VENDOR_SUPPORT = "vendor.support"
    VENDOR_BILLING = "vendor.billing"


OF_VENDOR: Final = frozenset({Permission.VENDOR_READ, Permission.VENDOR_SUPPORT, Permission.VENDOR_BILLING})
"""What the vendor's own people may: look at customers and what they bought; what support needs; move money."""
OF_ORGANIZATION: Final = frozenset(Permission) - OF_VENDOR
"""What people of a customer may. No role there gives anything beyond, its owner's neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person in one organization; one of the vendor's staff, in none; or the system itself, without `user_id`.

    `name` says which part of the system.
    """

    user_id: uuid.UUID | None
    organization_id: uuid.UUID | None
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    name: str = ""

    @property
    def own_organization_id(self) -> uuid.UUID:
        """The organization in which the actor acts. The system acts in none: it has no rows of its own to read."""
        if self.organization_id is None:
            raise PermissionDeniedError(_("Choose an organization first."))
        return self.organization_id

    def require(self, permission: Permission) -> None:
        """Raise PermissionDeniedError unless the actor has `permission`."""
        if permission in self.permissions:
            return
        if permission in OF_VENDOR:
            raise PermissionDeniedError(
                _("Your role on the vendor’s staff doesn’t allow that. Ask whoever runs this portal for another role.")
            )
        raise PermissionDeniedError(
            _("Your role in this organization doesn’t allow that. Ask one of its owners or admins.")
        )


def system(name: str) -> Actor:
    """The actor of work that no person asked for: a webhook, the reconciler, a command."""
    return Actor(user_id=None, organization_id=None, permissions=frozenset(Permission), name=name)
