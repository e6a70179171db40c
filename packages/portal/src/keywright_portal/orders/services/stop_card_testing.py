"""Whoever got a payment to confirm could confirm it elsewhere than on our page, with one stolen card after another."""

from __future__ import annotations

from datetime import datetime

from keywright_portal.billing.services.take_card_try import count_decline
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import PaymentAttempt
from keywright_portal.orders.services.release import release_attempt
from keywright_portal.payments.gateway import PaymentGateway


def stop_card_testing(*, intent_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> bool:
    """Count a declined card of this intent; above the limit cancel the intent, so that no card can be tried on it any
    more. Whether it was cancelled. The next one is made by Complete, which counts tries too.

    No transaction may be open. Raises GatewayError.
    """
    attempt = PaymentAttempt.objects.filter(intent_id=intent_id, closed_at=None).select_related("order").first()
    if attempt is None or count_decline(order_id=attempt.order_id, now=now):
        return False
    try:
        release_attempt(attempt=attempt, actor=actor, gateway=gateway, now=now)
    except OrderChangedError:
        return False  # it was paid, and is fulfilled, or the bank is at work: no card can be tried on it either
    audit.record(
        actor=actor,
        action="payment.stopped",
        subject=attempt.order,
        subject_id=attempt.order_id,
        organization_id=attempt.order.organization_id,
        now=now,
        after={"attempt": attempt.number, "reason": "too_many_declines"},
    )
    return True
