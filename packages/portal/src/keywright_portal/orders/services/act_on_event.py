"""Acting on what a webhook named: ask the provider for it, and act on the answer, never on the event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from keywright_portal.billing.models import Payment
from keywright_portal.kit.actor import Actor
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.orders.services.stop_card_testing import stop_card_testing
from keywright_portal.payments.gateway import PaymentGateway, ProviderRefund


def act_on_event(*, kind: str, object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    """Act on an event of this kind about this object; nothing for kinds that change nothing here.

    Events come in any order and more than once. Money that goes back is acted on after the payment that it is of: where
    that wasn't told yet, it is asked for first. Raises GatewayError.
    """
    act = _ACTS.get(kind)
    if act is not None:
        act(object_id, gateway, actor, now)


def _intent(object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    fulfil_intent(intent_id=object_id, gateway=gateway, actor=actor, now=now)


def _declined(object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    _intent(object_id, gateway, actor, now)
    stop_card_testing(intent_id=object_id, gateway=gateway, actor=actor, now=now)


def _refund(object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    _settle(gateway.get_refund(refund_id=object_id), gateway, actor, now)


def _charge(object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    """A charge names its refunds only when asked: all of its payment's are."""
    intent_id = gateway.get_charge(charge_id=object_id).intent_id
    if intent_id:
        for told in gateway.refunds_of(intent_id=intent_id):
            _settle(told, gateway, actor, now)


def _dispute(object_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    told = gateway.get_dispute(dispute_id=object_id)
    _see_paid(told.intent_id, gateway, actor, now)
    record_dispute(told=told, actor=actor, now=now)


def _settle(told: ProviderRefund, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    _see_paid(told.intent_id, gateway, actor, now)
    settle_refund(told=told, actor=actor, now=now)


def _see_paid(intent_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> None:
    """A payment that was recorded has fulfilled its order, mostly by the browser that came back: nothing to ask."""
    if intent_id and not Payment.objects.filter(provider_payment_id=intent_id).exists():
        fulfil_intent(intent_id=intent_id, gateway=gateway, actor=actor, now=now)


_ACTS: Final[Mapping[str, Callable[[str, PaymentGateway, Actor, datetime], None]]] = {
    "payment_intent.succeeded": _see_paid,
    "payment_intent.payment_failed": _declined,
    "payment_intent.canceled": _intent,
    "payment_intent.processing": _intent,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
}
ACTED_ON: Final = frozenset(_ACTS)
"""Every other kind is kept and that is all: a payment makes several, and each task costs more than the event."""
MONEY_BACK: Final = frozenset(kind for kind in _ACTS if not kind.startswith("payment_intent."))
"""Events of what goes back, which may begin at the provider: nothing of ours says that there is something to ask."""
