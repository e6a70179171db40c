"""Reading orders, always for an actor."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.orders.models import UNFINISHED, Order


def order_for(*, actor: Actor, order_id: uuid.UUID) -> Order:
    """One order of the actor's organization, with its plan. Another's is not found."""
    actor.require(Permission.READ)
    order = (
        Order.objects.filter(pk=order_id, organization_id=actor.own_organization_id)
        .select_related("plan__product", "organization")
        .first()
    )
    if order is None:
        raise NotFoundError(_("There is no such order here. Start again from Buy a subscription."))
    return order


def unfinished_order_for(*, actor: Actor) -> Order | None:
    """The order that the organization began and neither paid nor discarded; there is at most one."""
    actor.require(Permission.READ)
    return (
        Order.objects.filter(organization_id=actor.own_organization_id, state__in=UNFINISHED)
        .select_related("plan")
        .prefetch_related("add_ons", "lines")
        .first()
    )
