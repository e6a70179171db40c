"""Discarding an unfinished order."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.orders.coupons import give_back_use
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import Order
from keywright_portal.orders.selectors import order_for
from keywright_portal.orders.services.release import RELEASES, PaymentBegunError, release_payment, require_released
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import PaymentGateway


def discard_order(*, actor: Actor, order_id: uuid.UUID, gateway: PaymentGateway, now: datetime) -> Order:
    """Discard an order that isn't paid. Its payment, if one was begun, is cancelled first.

    Raises OrderChangedError where it turns out to be paid, InvalidTransitionError where it is finished already.
    """
    actor.require(Permission.ORDER)
    for _attempt in range(RELEASES):
        order = order_for(actor=actor, order_id=order_id)
        if order.is_unfinished:
            release_payment(order=order, actor=actor, gateway=gateway, now=now)
        try:
            return _write(order_id=order.pk, actor=actor, now=now)
        except PaymentBegunError:
            continue
    raise OrderChangedError(_("This order is being paid in another window. Finish there, or discard it there."))


@transaction.atomic
def _write(*, order_id: uuid.UUID, actor: Actor, now: datetime) -> Order:
    order = Order.objects.select_for_update().order_by("pk").get(pk=order_id)
    before = order.state
    move(order, OrderEvent.DISCARD)
    require_released(order)
    give_back_use(order)
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
