"""Discarding an unfinished order."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.orders.models import Order
from keywright_portal.orders.selectors import order_for
from keywright_portal.orders.services.release import release_payment
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import PaymentGateway


def discard_order(*, actor: Actor, order_id: uuid.UUID, gateway: PaymentGateway, now: datetime) -> Order:
    """Discard an order that isn't paid. Its payment, if one was begun, is cancelled first.

    Raises OrderChangedError where it turns out to be paid, InvalidTransitionError where it is finished already.
    """
    actor.require(Permission.ORDER)
    order = order_for(actor=actor, order_id=order_id)
    if order.is_unfinished:
        release_payment(order=order, actor=actor, gateway=gateway, now=now)
    with transaction.atomic():
        order = Order.objects.select_for_update().order_by("pk").get(pk=order.pk)
        before = order.state
        move(order, OrderEvent.DISCARD)
        order.updated_at = now
        order.save(update_fields=["state", "updated_at"])
        audit.record(
            actor=actor,
            action="order.discarded",
            subject=order,
            subject_id=order.pk,
            organization_id=order.organization_id,
            now=now,
            before={"state": before},
            after={"state": order.state},
        )
    return order
