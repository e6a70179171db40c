"""Cancelling an order whose transfer will not come: its invoice is credited in whole, its license ends."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import CreditNote, Invoice
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.catalog import selectors as catalog
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license
from keywright_portal.orders.coupons import give_back_use
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.locking import lock_order
from keywright_portal.orders.models import OrderState
from keywright_portal.orders.services import announce_transfer
from keywright_portal.orders.services.provide import grant_before_payment
from keywright_portal.orders.services.refund import LONGEST_REASON
from keywright_portal.orders.transitions import OrderEvent, move


@transaction.atomic
def cancel_invoice(*, actor: Actor, invoice_id: uuid.UUID, reason: str, now: datetime) -> CreditNote:
    """The credit note that takes the whole invoice back; asked twice, it is one.

    The order is discarded, a use of its coupon given back, the license that came before the money revoked, and the
    buyer told. A part of the money that came has to be given back first: else it would stand on nothing.

    Raises PermissionDeniedError, NotFoundError, TransferError (money was received, no reason), InvalidTransitionError.
    """
    actor.require(Permission.VENDOR_BILLING)
    order_id = Invoice.objects.filter(pk=invoice_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFoundError(_("There is no such invoice. Look its number up under Invoices."))
    order = lock_order(order_id)
    invoice = Invoice.objects.select_for_update().defer("pdf").order_by("pk").get(pk=invoice_id)
    if order.state == OrderState.DISCARDED:
        return invoice.credit_notes.latest("issued_at")
    before = order.state
    move(order, OrderEvent.CANCEL_INVOICE)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise TransferError(_("Say in up to 200 characters why: the credit note names it."), field="reason")
    if balance(invoice).kept:
        raise TransferError(_("A part of this invoice was paid. Give that back first, then cancel the invoice."))
    note = issue_credit_note(
        invoice=invoice, gross=Money(invoice.gross, invoice.currency), reason=reason, actor=actor, now=now
    )
    revoked = revoke_license(
        grant_id=grant_before_payment(order.pk), because=RevokedBecause.CANCELLED, actor=actor, now=now
    )
    give_back_use(order)
    order.updated_at = now
    order.save(update_fields=["state", "updated_at"])
    audit.record(
        actor=actor,
        action="order.cancelled",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={"state": order.state, "credit_note": note.number},
    )
    announce_transfer.invoice_cancelled(
        order=order, invoice=invoice, note=note, revoked=revoked is not None, vendor=catalog.vendor(), now=now
    )
    return note
