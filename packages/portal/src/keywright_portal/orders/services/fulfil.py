"""Fulfilment: a paid order gets its invoice, its subscription, its license and its mail, all at once and once only."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from keywright_portal.billing.models import Invoice
from keywright_portal.billing.services.issue_invoice import LineToBill, MoneyReceived, issue_invoice
from keywright_portal.billing.services.keep_card import keep_card
from keywright_portal.billing.words import money_in_words
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money, zero
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import reference
from keywright_portal.licensing.services.issue import Grant, issue_license
from keywright_portal.orders.models import Order, OrderLine, OrderState, PaymentAttempt, PaymentProblem
from keywright_portal.orders.parties import buyer_on_invoice, seller_on_invoice
from keywright_portal.orders.services import announce
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.orders.wording import calculation_in_words
from keywright_portal.payments.gateway import IntentState, PaymentGateway, PaymentIntent
from keywright_portal.subscriptions.services.open_subscription import open_subscription


def fulfil_intent(*, intent_id: str, gateway: PaymentGateway, actor: Actor, now: datetime) -> Order | None:
    """Ask the provider for the intent and act on what it says: see `fulfil`. None where the intent isn't one of ours.

    From a webhook, from the returning browser, from the reconciler: any number of times, in any order, one result.
    """
    return fulfil(intent=gateway.get_intent(intent_id=intent_id), actor=actor, now=now)


def fulfil(*, intent: PaymentIntent, actor: Actor, now: datetime) -> Order | None:
    """Fulfil the order of an intent that the server itself fetched; the order as it is afterwards.

    An intent that isn't paid changes nothing. One whose amount or currency isn't the order's puts the order on hold:
    no license, a reference for the buyer, an alarm for the vendor. A fulfilled order stays as it is.

    One transaction: the order's row is locked, and everything that follows from the payment is there or nothing is.
    What must be single is unique in the database besides: the invoice by its order, the ledger entry by its cause, the
    license file by its grant, the payment by the provider's id, the mail by its key.
    """
    order_id = _order_id(intent)
    if order_id is None or intent.state is not IntentState.SUCCEEDED:
        return Order.objects.filter(pk=order_id).first() if order_id else None
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",))
            .select_related("plan__product", "organization")
            .order_by("pk")
            .get(pk=order_id)
        )
        if order.state == OrderState.FULFILLED:
            return order
        vendor = catalog.vendor()
        if not _matches(order, intent):
            _hold(order, intent=intent, vendor=vendor, actor=actor, now=now)
        else:
            _complete(order, intent=intent, vendor=vendor, actor=actor, now=now)
    return order


def _order_id(intent: PaymentIntent) -> uuid.UUID | None:
    """Our own record of the intent; or what we wrote into it, where we died before we could keep its id."""
    kept = PaymentAttempt.objects.filter(intent_id=intent.id).values_list("order_id", flat=True).first()
    if kept is not None:
        return kept
    try:
        written = uuid.UUID(intent.order_id)
    except ValueError:
        return None
    return PaymentAttempt.objects.filter(order_id=written).values_list("order_id", flat=True).first()


def _matches(order: Order, intent: PaymentIntent) -> bool:
    attempts = order.attempts.filter(Q(intent_id=intent.id) | Q(intent_id=None))
    asked = {Money(attempt.amount, attempt.currency) for attempt in attempts}
    return intent.amount == order.total and intent.amount in asked and order.buyer is not None


def _hold(order: Order, *, intent: PaymentIntent, vendor: VendorDetails, actor: Actor, now: datetime) -> None:
    if order.state == OrderState.ON_HOLD:
        return
    before = order.state
    move(order, OrderEvent.PAYMENT_MISMATCHED)
    order.updated_at = now
    order.save(update_fields=["state", "updated_at"])
    problem = PaymentProblem.objects.create(
        reference=reference("PAY"), order=order, code="payment_mismatch", occurred_at=now
    )
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


def _complete(order: Order, *, intent: PaymentIntent, vendor: VendorDetails, actor: Actor, now: datetime) -> None:
    before = order.state
    move(order, OrderEvent.PAYMENT_RECEIVED)
    add_ons = list(order.add_ons.all())
    lines = list(order.lines.all())
    term = open_subscription(
        organization=order.organization,
        plan=order.plan,
        add_ons=add_ons,
        seats=order.seats,
        price_per_user=Money(order.price_per_user, order.currency),
        cause_id=order.pk,
        actor=actor,
        now=now,
    )
    invoice = _invoice(order, lines=lines, intent=intent, vendor=vendor, actor=actor, now=now)
    files = issue_license(
        grant=Grant(
            id=order.pk,
            term=term,
            organization=order.organization,
            product=order.plan.product,
            plan=order.plan,
            add_ons=add_ons,
            role_email=str((order.buyer or {}).get("email") or order.organization.billing_email),
            issuer=vendor.name,
        ),
        actor=actor,
        now=now,
    )
    attempt = order.attempts.filter(intent_id=intent.id).first()
    if attempt is not None and attempt.save_card and intent.card is not None:
        keep_card(organization=order.organization, card=intent.card, actor=actor, now=now)
    order.attempts.filter(closed_at=None).update(closed_at=now, intent_id=intent.id)
    order.subscription_id = term.subscription_id
    order.fulfilled_at = order.updated_at = now
    order.save()
    announce.license_ready(order=order, term=term, files=files, invoice=invoice, vendor=vendor, now=now)
    audit.record(
        actor=actor,
        action="order.fulfilled",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={"state": order.state, "invoice": invoice.number, "subscription": str(term.subscription_id)},
    )


def _invoice(
    order: Order, *, lines: list[OrderLine], intent: PaymentIntent, vendor: VendorDetails, actor: Actor, now: datetime
) -> Invoice:
    return issue_invoice(
        organization=order.organization,
        order_id=order.pk,
        order_number=order.number,
        purchase_order=order.purchase_order,
        buyer=buyer_on_invoice(order),
        seller=seller_on_invoice(vendor),
        number_prefix=vendor.invoice_prefix,
        lines=[
            LineToBill(
                description=line.name,
                calculation=calculation_in_words(line, unit=money_in_words(line.unit_amount, order.currency)),
                quantity=line.quantity,
                unit=Money(line.unit_amount, order.currency),
                discount=zero(order.currency),
                net=Money(line.amount, order.currency),
                tax=zero(order.currency),
                gross=Money(line.amount, order.currency),
            )
            for line in lines
        ],
        received=MoneyReceived(
            provider_payment_id=intent.id,
            amount=intent.amount,
            card_brand=intent.card.brand if intent.card else "",
            card_last4=intent.card.last4 if intent.card else "",
        ),
        actor=actor,
        now=now,
    )
