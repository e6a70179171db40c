"""Letting go of payments that were begun and left alone, so that every order comes to an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.orders.coupons import give_back_use
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import UNFINISHED, Order, OrderState, PaymentAttempt
from keywright_portal.orders.services.release import release_attempt
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import GatewayError, PaymentGateway

LEFT_ALONE_AFTER: Final = timedelta(days=30)
"""As long as the provider keeps its events; whoever comes back later begins a new payment for the same order."""


def expire_payments(*, gateway: PaymentGateway, actor: Actor, now: datetime) -> int:
    """Cancel each payment that was begun LEFT_ALONE_AFTER ago and isn't made; how many orders are open again.

    The order stays, to be changed, paid or discarded; its coupon can be used by others. One that turns out to be paid
    is fulfilled. One about which the provider can't tell now is asked about next time.
    """
    old = PaymentAttempt.objects.filter(
        closed_at=None, created_at__lt=now - LEFT_ALONE_AFTER, order__state__in=UNFINISHED
    )
    opened = 0
    for attempt in list(old.select_related("order")):
        try:
            release_attempt(attempt=attempt, actor=actor, gateway=gateway, now=now)
        except (GatewayError, OrderChangedError):
            continue  # the provider is away, the bank is at work, or it was paid and is fulfilled
        opened += _reopen(attempt.order, actor=actor, now=now)
    return opened


@transaction.atomic
def _reopen(order: Order, *, actor: Actor, now: datetime) -> bool:
    order = Order.objects.select_for_update().order_by("pk").get(pk=order.pk)
    if order.attempts.filter(closed_at=None).exists() or order.state not in UNFINISHED:
        return False  # somebody came back to it at this moment
    before = order.state
    if order.state == OrderState.PAYING:
        move(order, OrderEvent.PAYMENT_FAILED)
    give_back_use(order)
    order.updated_at = now
    order.save(update_fields=["state", "updated_at"])
    audit.record(
        actor=actor,
        action="payment.expired",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={"state": order.state},
    )
    return True
