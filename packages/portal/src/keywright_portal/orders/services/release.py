"""Letting go of a payment that was begun, before its order changes or is discarded."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.actor import Actor
from keywright_portal.orders.attempts import open_attempt
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import Order, PaymentAttempt
from keywright_portal.orders.services.fulfil import fulfil
from keywright_portal.payments.gateway import IntentState, PaymentGateway

RELEASES: Final = 3
"""How often a payment that was begun again meanwhile is let go, before the buyer is told of the other window."""


class PaymentBegunError(Exception):
    """Between letting go and locking the order, another window began to pay it. It has to be let go again."""


def require_released(order: Order) -> None:
    """Raise PaymentBegunError where the order has an open attempt. The caller holds its lock, so none comes now."""
    if open_attempt(order.pk) is not None:
        raise PaymentBegunError


def release_payment(*, order: Order, actor: Actor, gateway: PaymentGateway, now: datetime) -> None:
    """Let go of the order's open attempt, whoever began it: for who changes or discards the order. See below."""
    attempt = open_attempt(order.pk)
    if attempt is not None:
        release_attempt(attempt=attempt, actor=actor, gateway=gateway, now=now)


def release_attempt(*, attempt: PaymentAttempt, actor: Actor, gateway: PaymentGateway, now: datetime) -> None:
    """Cancel the attempt's intent at the provider, so that nothing can be charged for what its order no longer holds.

    One that was begun since `attempt` was read is left alone. No transaction may be open. If the intent can't be
    cancelled because it was paid, the order is fulfilled and OrderChangedError raised. One that is still in the bank's
    hands can't be let go: OrderChangedError too.
    """
    if attempt.intent_id is None:
        if _close(attempt, now=now):
            return  # whoever asks the provider for its intent finds it closed, and cancels the intent
        attempt.refresh_from_db()
    if attempt.intent_id is not None:
        intent = gateway.cancel_intent(intent_id=attempt.intent_id)
        if intent.state is IntentState.SUCCEEDED:
            fulfil(intent=intent, actor=actor, now=now)
            raise OrderChangedError(_("This order was paid a moment ago. Its license is ready under Subscriptions."))
        if intent.state is not IntentState.CANCELED:
            raise OrderChangedError(_("Your bank is still working on this order’s payment. Try again in a minute."))
    _close(attempt, now=now)


def _close(attempt: PaymentAttempt, *, now: datetime) -> bool:
    """Close the attempt as it was read; False where its intent came, or it was closed, since."""
    as_read = PaymentAttempt.objects.filter(pk=attempt.pk, closed_at=None, intent_id=attempt.intent_id)
    return as_read.update(closed_at=now) > 0
