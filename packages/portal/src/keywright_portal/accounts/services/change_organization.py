"""Changing what an organization says of itself: name, country, and what its invoices are addressed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_portal.accounts.errors import OrganizationDetailError
from keywright_portal.accounts.models import Organization
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keywright_portal.kit.actor import Actor

FIELDS: Final = ("name", "country", "street", "postal_code", "city", "vat_number", "billing_email")
"""What may be changed. The slug isn't among it: it stands in addresses that people have kept."""
_TOLD: Final = ("country",)
"""Whose values the audit trail holds. Others can name a person, as a sole trader's street does."""


@transaction.atomic
def change_organization(*, actor: Actor, changes: Mapping[str, str], now: datetime) -> Organization:
    """Write `changes` (a field of FIELDS to its new value) to the actor's organization.

    Licenses and invoices that were issued keep what they said. Does nothing where nothing differs. Raises
    PermissionDeniedError, and OrganizationDetailError for a field that can't be changed or a name that is empty.
    """
    actor.require(Permission.ORGANIZATION_CHANGE)
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        message = _("“%(field)s” can’t be changed here. Contact Support.") % {"field": unknown[0]}
        raise OrganizationDetailError(message, field=unknown[0])
    if "name" in changes and not changes["name"].strip():
        raise OrganizationDetailError(_("Enter the name of your organization."), field="name")
    organization = Organization.objects.select_for_update().get(pk=actor.own_organization_id)
    before = {field: str(getattr(organization, field)) for field in FIELDS}
    differing = [field for field in FIELDS if field in changes and changes[field].strip() != before[field]]
    if not differing:
        return organization
    for field in differing:
        setattr(organization, field, changes[field].strip())
    organization.save(update_fields=differing)
    audit.record(
        actor=actor,
        action="organization.changed",
        subject=organization,
        subject_id=organization.pk,
        organization_id=organization.pk,
        now=now,
        before={field: before[field] for field in differing if field in _TOLD},
        after={"fields": differing, **{field: changes[field].strip() for field in differing if field in _TOLD}},
    )
    return organization
