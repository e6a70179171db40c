"""A payment's receipt: typeset when it is first asked for, and the same bytes from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from keywright_portal.billing.models import CreditNote, Payment, Receipt
from keywright_portal.billing.pdf import typeset_receipt

if TYPE_CHECKING:
    from datetime import datetime


def issue_receipt(*, payment: Payment, now: datetime) -> Receipt:
    """The receipt of a payment; whoever asks at the same time gets the same, since the payment is its key.

    Its number is the invoice's with the payment's place behind it, so it needs no series. What it says was true when
    the payment came: what came and was credited before it. A card payment of a whole invoice stands on the invoice too,
    which is why a purchase doesn't wait for this.
    """
    known = Receipt.objects.filter(pk=payment.pk).first()
    if known is not None:
        return known
    number = receipt_number(payment)
    paid = Payment.objects.filter(invoice=payment.invoice_id, position__lt=payment.position)
    credited = CreditNote.objects.filter(invoice=payment.invoice_id, issued_at__lt=payment.received_at)
    pdf = typeset_receipt(
        payment=payment,
        number=number,
        paid_before=paid.aggregate(total=Sum("amount"))["total"] or 0,
        credited_before=credited.aggregate(total=Sum("gross"))["total"] or 0,
    )
    receipt, _created = Receipt.objects.get_or_create(
        payment=payment, defaults={"number": number, "issued_at": now, "pdf": pdf}
    )
    return receipt


def receipt_number(payment: Payment) -> str:
    """Such as INV-2026-0001-R1."""
    return f"{payment.invoice.number}-R{payment.position}"
