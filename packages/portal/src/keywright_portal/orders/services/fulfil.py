"""Fulfilment: a paid order gets its invoice, its subscription, its license and its mail, all at once and once only."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import transaction

from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.billing.services.keep_card import keep_card
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import reference
from keywright_portal.kit.prepared import PreparedQuery, PreparedUpdate
from keywright_portal.orders.attempts import attempts_of
from keywright_portal.orders.locking import lock_order
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt, PaymentProblem
from keywright_portal.orders.selectors import MISMATCH
from keywright_portal.orders.services import announce
from keywright_portal.orders.services.bill import bill
from keywright_portal.orders.services.provide import finish, provide
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import IntentState, PaymentGateway, PaymentIntent

SECOND_PAYMENT: Final = "second_payment"
"""The code of the problem of an order that was paid before: by another payment, whose money nobody owes."""


_OF_INTENT: Final = PreparedQuery(
    lambda intent_id: PaymentAttempt.objects.filter(intent_id=intent_id).order_by().values_list("order_id"), str
)

_CLOSE: Final = PreparedUpdate(
    lambda now, intent_id, order_id: (
        PaymentAttempt.objects.filter(order_id=order_id, closed_at=None),
        {"closed_at": now, "intent_id": intent_id},
    ),
    datetime,
    str,
    uuid.UUID,
)


def fulfil_intent(*, intent_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> Order | None:
    """Ask the provider for the intent and act on what it says: see `fulfil`. None where the intent isn't one of ours.

    From a webhook, from the returning browser, from the reconciler: any number of times, in any order, one result.
    """
    return fulfil(intent=gateway.get_intent(intent_id=intent_id), actor=actor, now=now)


def fulfil(*, intent: PaymentIntent, actor: Actor, now: datetime) -> Order | None:
    """Fulfil the order of an intent that the server itself fetched; the order as it is afterwards.

    An intent that isn't paid changes nothing. One whose amount or currency isn't the order's puts the order on hold:
    no license, a reference for the buyer, an alarm for the vendor. A fulfilled order stays as it is; money of another
    payment for it alarms the vendor.

    One transaction: the order's row is locked, and everything that follows from the payment is there or nothing is.
    What must be single is unique in the database besides: the invoice by its order, the ledger entry by its cause, the
    license file by its grant, the payment by the provider's id, the mail by its key.
    """
    order_id = _order_id(intent)
    if order_id is None or intent.state is not IntentState.SUCCEEDED:
        return Order.objects.filter(pk=order_id).first() if order_id else None
    with transaction.atomic(), audit.written_together():
        order = lock_order(order_id)
        if order.state == OrderState.FULFILLED:
            _see_that_it_is_known(order, intent=intent, actor=actor, now=now)
            return order
        vendor = catalog.vendor()
        attempts = [attempt for attempt in attempts_of(order.pk) if attempt.intent_id in (intent.id, None)]
        invoice = _invoice_sent(order)
        if not _matches(order, intent=intent, attempts=attempts, invoice=invoice):
            _hold(order, intent=intent, vendor=vendor, actor=actor, now=now)
        else:
            _complete(order, intent=intent, attempts=attempts, invoice=invoice, vendor=vendor, actor=actor, now=now)
    return order


def _order_id(intent: PaymentIntent) -> uuid.UUID | None:
    """Our own record of the intent; or what we wrote into it, where we died before we could keep its id."""
    kept = _OF_INTENT(intent.id)
    if kept:
        order_id: uuid.UUID = kept[0][0]
        return order_id
    try:
        written = uuid.UUID(intent.order_id)
    except ValueError:
        return None
    return PaymentAttempt.objects.filter(order_id=written).values_list("order_id", flat=True).first()


def _invoice_sent(order: Order) -> Invoice | None:
    """The invoice of an order whose card payment was let go for a transfer, and was charged all the same."""
    if order.invoiced_at is None:
        return None
    return Invoice.objects.defer("pdf").get(order_id=order.pk)


def _matches(order: Order, *, intent: PaymentIntent, attempts: list[PaymentAttempt], invoice: Invoice | None) -> bool:
    asked = {Money(attempt.amount, attempt.currency) for attempt in attempts}
    if intent.amount != order.total or intent.amount not in asked or order.buyer is None:
        return False
    return invoice is None or balance(invoice).due == intent.amount.amount


def _hold(order: Order, *, intent: PaymentIntent, vendor: VendorDetails, actor: Actor, now: datetime) -> None:
    if order.state == OrderState.ON_HOLD:
        return
    before = order.state
    move(order, OrderEvent.PAYMENT_MISMATCHED)
    order.updated_at = now
    order.save(update_fields=["state", "updated_at"])
    problem = PaymentProblem.objects.create(reference=reference("PAY"), order=order, code=MISMATCH, occurred_at=now)
    audit.record(
        actor=actor,
        action="order.held",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before, "gross": order.gross, "currency": order.currency},
        after={"state": order.state, "received": intent.amount.amount, "currency": intent.amount.currency},
        reference=problem.reference,
    )
    announce.mismatch(order=order, problem=problem, received=intent.amount, vendor=vendor, now=now)


def _complete(
    order: Order,
    *,
    intent: PaymentIntent,
    attempts: list[PaymentAttempt],
    invoice: Invoice | None,
    vendor: VendorDetails,
    actor: Actor,
    now: datetime,
) -> None:
    received = MoneyReceived(
        provider_payment_id=intent.id,
        amount=intent.amount,
        card_brand=intent.card.brand if intent.card else "",
        card_last4=intent.card.last4 if intent.card else "",
    )
    before = order.state
    move(order, OrderEvent.PAYMENT_RECEIVED)
    provided = provide(order=order, vendor=vendor, actor=actor, now=now)
    if invoice is None:
        invoice = bill(order=order, vendor=vendor, received=received, actor=actor, now=now)
    else:
        record_payment(invoice=invoice, received=received, actor=actor, now=now)
    finish(order=order, before=before, invoice=invoice, provided=provided, actor=actor, now=now)
    if intent.card is not None and any(one.save_card for one in attempts if one.intent_id == intent.id):
        keep_card(organization=order.organization, card=intent.card, actor=actor, now=now)
    _CLOSE(now, intent.id, order.pk)
    announce.license_ready(order=order, provided=provided, invoice=invoice, vendor=vendor, now=now)


def _see_that_it_is_known(order: Order, *, intent: PaymentIntent, actor: Actor, now: datetime) -> None:
    """An order that was paid before: by this payment, as a rule. Another's money the vendor gives back by hand."""
    if Payment.objects.filter(provider_payment_id=intent.id).exists():
        return
    if order.problems.filter(code=SECOND_PAYMENT, provider_message=intent.id).exists():
        return
    problem = PaymentProblem.objects.create(
        reference=reference("PAY"), order=order, code=SECOND_PAYMENT, provider_message=intent.id, occurred_at=now
    )
    audit.record(
        actor=actor,
        action="order.paid_twice",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        after={"received": intent.amount.amount, "currency": intent.amount.currency},
        reference=problem.reference,
    )
    announce.second_payment(order=order, problem=problem, received=intent.amount, vendor=catalog.vendor(), now=now)
