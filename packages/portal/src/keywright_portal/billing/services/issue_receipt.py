"""A payment's receipt: typeset when it is first asked for, and the same bytes from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright_portal.billing.models import Payment, Receipt
from keywright_portal.billing.pdf import typeset_receipt

if TYPE_CHECKING:
    from datetime import datetime


def issue_receipt(*, payment: Payment, now: datetime) -> Receipt:
    """The receipt of a payment; whoever asks at the same time gets the same, since the payment is its key.

    Its number is the invoice's with the payment's place behind it, so it needs no series. A card payment of a whole
    invoice stands on the invoice too, which is why a purchase doesn't wait for this.
    """
    known = Receipt.objects.filter(pk=payment.pk).first()
    if known is not None:
        return known
    number = f"{payment.invoice.number}-R{payment.position}"
    receipt, _created = Receipt.objects.get_or_create(
        payment=payment,
        defaults={"number": number, "issued_at": now, "pdf": typeset_receipt(payment=payment, number=number)},
    )
    return receipt
