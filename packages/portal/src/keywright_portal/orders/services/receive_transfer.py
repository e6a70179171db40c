"""Money on the vendor's bank account: whose invoice it pays, what is missing, what is too much."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import BankTransfer, Invoice
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.catalog import selectors as catalog
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.locking import lock_order
from keywright_portal.orders.matching import invoice_named
from keywright_portal.orders.models import OrderState
from keywright_portal.orders.notices import billing_address
from keywright_portal.orders.services import announce, announce_transfer
from keywright_portal.orders.services.provide import finish, provide
from keywright_portal.orders.transitions import OrderEvent, move

LONGEST_REFERENCE: Final = 140
"""Characters that a bank's reference has at most: those of a SEPA transfer's remittance information."""
LONGEST_TEXT: Final = 300


def receive_transfer(
    *, actor: Actor, bank_reference: str, amount: Money, reference_text: str, received_on: date, now: datetime
) -> BankTransfer:
    """Keep a transfer, once: `bank_reference` is the bank's own mark of it. Then book it on the invoice that
    `reference_text`, what the payer wrote, names.

    The exact sum, or more, pays the invoice: the subscription opens unless it had, the full license supersedes the one
    that ran until now, and the buyer's billing people are told, and whoever placed the order. Too much is noted,
    and the vendor's billing people hear of it. Less is kept as a part, and the buyer hears what is missing. A transfer
    that names no invoice, one that is paid already, or one in another currency waits to be assigned.

    Raises PermissionDeniedError; TransferError, also where the same reference was kept with another sum or day.
    """
    actor.require(Permission.VENDOR_BILLING)
    transfer = _checked(bank_reference, amount, reference_text, received_on, actor=actor, now=now)
    known = _known(transfer)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
            audit.record(
                actor=actor,
                action="transfer.received",
                subject=transfer,
                subject_id=transfer.pk,
                organization_id=None,
                now=now,
                after={"amount": transfer.amount, "currency": transfer.currency},
            )
            invoice = invoice_named(text=transfer.reference_text, prefix=catalog.vendor().invoice_prefix)
            if invoice is not None and invoice.currency == transfer.currency:
                _book(transfer, invoice_id=invoice.pk, actor=actor, now=now)
    except IntegrityError:
        known = _known(transfer)  # the same form, sent twice at the same moment
        if known is None:
            raise
        return known
    return transfer


def assign_transfer(*, actor: Actor, transfer_id: uuid.UUID, invoice_number: str, now: datetime) -> BankTransfer:
    """Book a transfer that waits on the invoice that it is for; as `receive_transfer` does. Asked twice, it is once.

    Raises PermissionDeniedError, NotFoundError, TransferError.
    """
    actor.require(Permission.VENDOR_BILLING)
    with transaction.atomic():
        transfer = BankTransfer.objects.select_for_update().filter(pk=transfer_id).order_by("pk").first()
        if transfer is None:
            raise NotFoundError(_("There is no such transfer. Transfers that wait are listed in the back office."))
        number = invoice_number.strip().upper()
        if transfer.invoice is not None:
            if transfer.invoice.number == number:
                return transfer
            raise TransferError(
                _("This transfer is booked on invoice %(number)s already.") % {"number": transfer.invoice.number}
            )
        invoice = Invoice.objects.filter(number=number).only("pk", "currency").first()
        if invoice is None:
            raise TransferError(
                _("There is no invoice %(number)s. Look its number up under Invoices.") % {"number": number or "–"},
                field="invoice_number",
            )
        if invoice.currency != transfer.currency:
            raise TransferError(
                _("Invoice %(number)s is in %(other)s. Give the transfer back, or exchange it at the bank first.")
                % {"number": number, "other": invoice.currency},
                field="invoice_number",
            )
        if not _book(transfer, invoice_id=invoice.pk, actor=actor, now=now):
            raise TransferError(
                _("Nothing is owed for invoice %(number)s. Choose another, or give the transfer back.")
                % {"number": number},
                field="invoice_number",
            )
    return transfer


def _checked(
    bank_reference: str, amount: Money, reference_text: str, received_on: date, *, actor: Actor, now: datetime
) -> BankTransfer:
    reference = " ".join(bank_reference.split())
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise TransferError(
            _("Enter the bank’s own reference of the transfer, up to 140 characters, as on the statement."),
            field="bank_reference",
        )
    if amount.amount <= 0:
        raise TransferError(_("Enter the amount that was received, more than zero."), field="amount")
    if received_on > now.date():
        raise TransferError(_("Enter the day on which it was received: today or before."), field="received_on")
    return BankTransfer(
        bank_reference=reference,
        amount=amount.amount,
        currency=amount.currency,
        reference_text=" ".join(reference_text.split())[:LONGEST_TEXT],
        received_on=received_on,
        booked_by=actor.user_id,
        created_at=now,
    )


def _known(transfer: BankTransfer) -> BankTransfer | None:
    known = BankTransfer.objects.filter(bank_reference=transfer.bank_reference).first()
    if known is None:
        return None
    if (known.total, known.received_on) != (transfer.total, transfer.received_on):
        raise TransferError(
            _("A transfer with this reference was received on another day or with another sum. Check the statement."),
            field="bank_reference",
        )
    return known


def _book(transfer: BankTransfer, *, invoice_id: uuid.UUID, actor: Actor, now: datetime) -> bool:
    """Book the transfer on the invoice, as far as that is owed; False, and nothing is done, where nothing is.

    First the order's lock, then the invoice's, as everywhere.
    """
    order = lock_order(Invoice.objects.values_list("order_id", flat=True).get(pk=invoice_id))
    invoice = Invoice.objects.select_for_update(of=("self",)).defer("pdf").order_by("pk").get(pk=invoice_id)
    due = balance(invoice).due
    if due == 0:
        return False
    part = Money(min(due, transfer.amount), invoice.currency)
    payment = record_payment(
        invoice=invoice,
        received=MoneyReceived(
            provider_payment_id=f"transfer:{transfer.bank_reference}",
            amount=part,
            method="transfer",
            received_at=datetime.combine(transfer.received_on, time(), tzinfo=UTC),
        ),
        actor=actor,
        now=now,
    )
    transfer.invoice, transfer.payment, transfer.surplus = invoice, payment, transfer.amount - part.amount
    transfer.save(update_fields=["invoice", "payment", "surplus"])
    audit.record(
        actor=actor,
        action="transfer.booked",
        subject=transfer,
        subject_id=transfer.pk,
        organization_id=invoice.organization_id,
        now=now,
        after={"invoice": invoice.number, "part": part.amount, "surplus": transfer.surplus},
    )
    vendor = catalog.vendor()
    if part.amount < due:
        missing = Money(due - part.amount, invoice.currency)
        announce_transfer.transfer_short(
            order=order, invoice=invoice, transfer=transfer, missing=missing, vendor=vendor, now=now
        )
        return True
    if order.state == OrderState.INVOICED:
        before = order.state
        move(order, OrderEvent.TRANSFER_RECEIVED)
        provided = provide(order=order, vendor=vendor, actor=actor, now=now)
        finish(order=order, before=before, invoice=invoice, provided=provided, actor=actor, now=now)
        announce_transfer.invoice_paid(
            order=order, invoice=invoice, transfer=transfer, provided=provided, vendor=vendor, now=now
        )
        if order.placed_by is not None and order.placed_by.email != billing_address(order):
            announce.license_ready(order=order, provided=provided, invoice=invoice, vendor=vendor, now=now)
    if transfer.surplus:
        announce_transfer.transfer_over(order=order, invoice=invoice, transfer=transfer, vendor=vendor, now=now)
    return True
