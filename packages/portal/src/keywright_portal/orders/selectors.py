"""Reading orders, always for an actor."""

from __future__ import annotations

import uuid
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.orders.models import UNFINISHED, Order, PaymentProblem

MISMATCH: Final = "payment_mismatch"
"""The code of the problem for which fulfilment puts an order on hold."""


def order_for(*, actor: Actor, order_id: uuid.UUID) -> Order:
    """One order of the actor's organization, with its plan. Another's is not found."""
    actor.require(Permission.READ)
    found = _ORDER(order_id, actor.own_organization_id)
    if not found:
        raise NotFoundError(_("There is no such order here. Start again from Buy a subscription."))
    return found[0]


def _order(order_id: uuid.UUID, organization_id: uuid.UUID) -> QuerySet[Order]:
    return Order.objects.filter(pk=order_id, organization_id=organization_id)


_ORDER: Final = PreparedModels(_order, uuid.UUID, uuid.UUID, follow=("plan__product", "organization", "coupon"))
"""Each step of a purchase asks for its order."""


def unfinished_order_for(*, actor: Actor) -> Order | None:
    """The order that the organization began and neither paid nor discarded; there is at most one."""
    actor.require(Permission.READ)
    return next(iter(UNFINISHED_ORDER(actor.own_organization_id)), None)


def _unfinished(organization_id: uuid.UUID) -> QuerySet[Order]:
    return Order.objects.filter(organization_id=organization_id, state__in=UNFINISHED).order_by()


UNFINISHED_ORDER: Final = PreparedModels(_unfinished, uuid.UUID, follow=("plan__product", "organization", "coupon"))
"""By the organization's id."""


def problem_that_holds(order: Order) -> PaymentProblem | None:
    """Why an order is on hold, with the reference to quote."""
    return order.problems.filter(code=MISMATCH).first()
