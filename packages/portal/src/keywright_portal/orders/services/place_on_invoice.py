"""Complete, paid by invoice and bank transfer: the debt is written at once, the money is awaited."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.orders.agreement import agree, check_completion
from keywright_portal.orders.attempts import open_attempt
from keywright_portal.orders.completion import Completion
from keywright_portal.orders.errors import InvoiceNotOfferedError, OrderChangedError
from keywright_portal.orders.locking import lock_order
from keywright_portal.orders.models import Order, OrderState, PaymentWay
from keywright_portal.orders.selectors import order_for
from keywright_portal.orders.services import announce_transfer
from keywright_portal.orders.services.bill import bill
from keywright_portal.orders.services.provide import provide
from keywright_portal.orders.services.release import RELEASES, PaymentBegunError, release_attempt, require_released
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import PaymentGateway

RUNS_BEFORE_PAYMENT: Final = timedelta(days=45)
"""How long a license runs whose invoice isn't paid: the 30 days to pay, and two weeks in which a transfer is on its way
or a reminder is read.
"""


def place_on_invoice(
    *, actor: Actor, order_id: uuid.UUID, completion: Completion, gateway: PaymentGateway, now: datetime
) -> Order:
    """The order with its invoice, due in 30 days, of which the buyer is told by mail. Asked twice, it is one.

    A card payment that was begun is cancelled first: if it turns out to be made, the order is fulfilled, and
    OrderChangedError says so. Where the vendor's catalog has it, the subscription opens now and its license runs for
    RUNS_BEFORE_PAYMENT; else it opens when the transfer is received. All that follows from Complete is written in one
    transaction.

    Raises InvoiceNotOfferedError, what `orders.agreement.agree` raises, OrderChangedError, InvalidTransitionError,
    GatewayError.
    """
    actor.require(Permission.ORDER)
    for _attempt in range(RELEASES):
        # Before the order: should another window change it and begin to pay, this one is refused and leaves it alone.
        begun = open_attempt(order_id)
        order = order_for(actor=actor, order_id=order_id)
        if order.state == OrderState.INVOICED:
            return order
        vendor = catalog.vendor()
        if not vendor.transfer_offered:
            raise InvoiceNotOfferedError(
                _("This vendor doesn’t sell by invoice. Pay by card, or write to its billing team.")
            )
        check_completion(order=order, completion=completion)
        if order.is_unfinished and begun is not None:
            release_attempt(attempt=begun, actor=actor, gateway=gateway, now=now)
        try:
            return _place(order_id=order.pk, completion=completion, vendor=vendor, actor=actor, now=now)
        except PaymentBegunError:
            continue
    raise OrderChangedError(_("This order is being paid in another window. Finish there, or discard it there."))


@transaction.atomic
def _place(*, order_id: uuid.UUID, completion: Completion, vendor: VendorDetails, actor: Actor, now: datetime) -> Order:
    order = lock_order(order_id)
    if order.state == OrderState.INVOICED:
        return order
    before = order.state
    move(order, OrderEvent.INVOICE)
    require_released(order)
    agree(order=order, completion=completion, actor=actor, now=now)
    order.payment_way = PaymentWay.TRANSFER
    order.invoiced_at = now
    invoice = bill(order=order, vendor=vendor, received=None, actor=actor, now=now)
    provided = None
    if vendor.license_before_payment:
        provided = provide(order=order, vendor=vendor, actor=actor, now=now, runs_until=runs_until(now))
    order.save()
    audit.record(
        actor=actor,
        action="order.invoiced",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={
            "state": order.state,
            "invoice": invoice.number,
            "gross": order.gross,
            "currency": order.currency,
            "license": provided is not None,
        },
    )
    announce_transfer.invoice_sent(order=order, invoice=invoice, provided=provided, vendor=vendor, now=now)
    return order


def runs_until(now: datetime) -> datetime:
    """The midnight, UTC, with which a license ends that is handed out now and isn't paid for."""
    return datetime.combine(now.date() + RUNS_BEFORE_PAYMENT, time(), tzinfo=UTC)
