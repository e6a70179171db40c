"""What the payment page knows before Complete, beside the order: which Terms are in force, and who bought last time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from keywright_portal.catalog.errors import NoCatalogError
from keywright_portal.catalog.models import Policy, PolicyKind
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.prepared import PreparedQuery
from keywright_portal.orders.models import Order, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeComplete:
    """`last_buyer` are the billing details of the organization's newest finished order; empty where there is none."""

    terms_version: str
    last_buyer: dict[str, str]


def before_complete_for(*, actor: Actor) -> BeforeComplete:
    """Both in one query. Raises NoCatalogError where no catalog was applied yet."""
    actor.require(Permission.READ)
    found = _ASK(actor.own_organization_id)
    if not found:
        raise NoCatalogError(_("No catalog was applied yet. Apply a catalog: keywright catalog apply FILE"))
    version, buyer = found[0]
    return BeforeComplete(terms_version=version, last_buyer=buyer or {})


def _ask(organization_id: uuid.UUID) -> QuerySet[Any, tuple[Any, ...]]:
    finished = Order.objects.filter(
        organization_id=organization_id, state__in=(OrderState.FULFILLED, OrderState.INVOICED)
    ).exclude(buyer=None)
    in_force = Policy.objects.filter(kind=PolicyKind.TERMS)[:1]
    return in_force.annotate(last_buyer=Subquery(finished.values("buyer")[:1])).values_list("version", "last_buyer")


_ASK: Final = PreparedQuery(_ask, uuid.UUID)
