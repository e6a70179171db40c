"""Recording money that came for an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from keywright_portal.billing.balances import balance
from keywright_portal.billing.errors import PaymentExceedsInvoiceError
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.kit import audit

if TYPE_CHECKING:
    from keywright_portal.domain.money import Money
    from keywright_portal.kit.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReceived:
    """A movement of money that pays an invoice. `provider_payment_id` names it once and for all: the provider's own id
    of a card payment, and for a transfer what the caller made of the bank's reference. `received_at` None is now.
    """

    provider_payment_id: str
    amount: Money
    method: Literal["card", "transfer"] = "card"
    card_brand: str = ""
    card_last4: str = ""
    received_at: datetime | None = None


def record_payment(*, invoice: Invoice, received: MoneyReceived, actor: Actor, now: datetime) -> Payment:
    """One payment of the invoice; its `paid_at` is set once what came reaches what is owed.

    Runs in the caller's transaction, under the lock of the invoice's row. The same movement told again is the payment
    that it made. More than is due raises PaymentExceedsInvoiceError, and so does another currency: the caller keeps a
    surplus apart.
    """
    invoice = Invoice.objects.select_for_update(of=("self",)).defer("pdf").order_by("pk").get(pk=invoice.pk)
    known = Payment.objects.filter(provider_payment_id=received.provider_payment_id, invoice=invoice).first()
    if known is not None:
        return known
    before = balance(invoice)
    if received.amount.currency != invoice.currency or not 0 < received.amount.amount <= before.due:
        raise PaymentExceedsInvoiceError(invoice.number)
    payment = payment_row(invoice=invoice, received=received, position=invoice.payments.count() + 1, now=now)
    payment.save(force_insert=True)
    paid = received.amount.amount == before.due
    if paid and invoice.paid_at is None:
        invoice.paid_at = payment.received_at
        invoice.save(update_fields=["paid_at"])
    audit.record(
        actor=actor,
        action="payment.recorded",
        subject=payment,
        subject_id=payment.pk,
        organization_id=invoice.organization_id,
        now=now,
        before={"due": before.due},
        after={"invoice": invoice.number, "amount": payment.amount, "currency": payment.currency, "paid": paid},
    )
    return payment


def payment_row(*, invoice: Invoice, received: MoneyReceived, position: int, now: datetime) -> Payment:
    """The row, not yet written."""
    return Payment(
        invoice=invoice,
        position=position,
        method=received.method,
        provider_payment_id=received.provider_payment_id,
        amount=received.amount.amount,
        currency=received.amount.currency,
        card_brand=received.card_brand,
        card_last4=received.card_last4,
        received_at=received.received_at or now,
    )
