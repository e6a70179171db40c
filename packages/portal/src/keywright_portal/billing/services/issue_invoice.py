"""Issuing an invoice: numbered without gaps, immutable, typeset once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import Invoice, InvoiceLine, InvoiceNumberSeries, Payment
from keywright_portal.billing.pdf import typeset_invoice
from keywright_portal.domain.money import BASIS, Money, round_half_up
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import uuid7

DAYS_TO_PAY: Final = 30
"""Days from the day of issue in which an invoice that isn't paid yet falls due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToBill:
    """`quantity` × `unit`, before tax, with `tax_basis_points` of tax on it. `calculation` says it in words."""

    description: str
    calculation: str
    quantity: int
    unit: Money
    tax_basis_points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyReceived:
    """A movement of money that pays the invoice, by the provider's own id."""

    provider_payment_id: str
    amount: Money
    card_brand: str = ""
    card_last4: str = ""


def issue_invoice(
    *,
    organization: Organization,
    order_id: uuid.UUID,
    order_number: str,
    purchase_order: str,
    buyer: Mapping[str, Any],
    seller: Mapping[str, Any],
    number_prefix: str,
    lines: Sequence[LineToBill],
    received: MoneyReceived | None,
    actor: Actor,
    now: datetime,
) -> Invoice:
    """One invoice for one order, with its lines, its PDF and, where money was `received`, its payment.

    Runs in the caller's transaction: the number is taken under the lock of its year's row and comes back if the
    transaction fails, so that numbers have no gaps. `order_id` is unique: a second call for it fails on the constraint.
    Tax is rounded line by line, half up.
    """
    currency = lines[0].unit.currency
    rows = [_line(line, position=position) for position, line in enumerate(lines, start=1)]
    net, tax = sum(row.net for row in rows), sum(row.tax for row in rows)
    invoice = Invoice(
        pk=uuid7(),
        number=_take_number(prefix=number_prefix, year=now.year),
        organization=organization,
        order_id=order_id,
        order_number=order_number,
        purchase_order=purchase_order,
        currency=currency,
        net=net,
        tax=tax,
        gross=net + tax,
        buyer=dict(buyer),
        seller=dict(seller),
        issued_at=now,
        due_at=now + timedelta(days=DAYS_TO_PAY),
        paid_at=now if received is not None else None,
    )
    payment = None
    if received is not None:
        payment = Payment(
            invoice=invoice,
            provider_payment_id=received.provider_payment_id,
            amount=received.amount.amount,
            currency=received.amount.currency,
            card_brand=received.card_brand,
            card_last4=received.card_last4,
            received_at=now,
        )
    invoice.pdf = typeset_invoice(invoice=invoice, lines=rows, payment=payment)
    invoice.save(force_insert=True)
    for row in rows:
        row.invoice = invoice
    InvoiceLine.objects.bulk_create(rows)
    if payment is not None:
        payment.save(force_insert=True)
    audit.record(
        actor=actor,
        action="invoice.issued",
        subject=invoice,
        subject_id=invoice.pk,
        organization_id=organization.pk,
        now=now,
        after={"number": invoice.number, "gross": invoice.gross, "currency": currency, "paid": payment is not None},
    )
    return invoice


def _line(line: LineToBill, *, position: int) -> InvoiceLine:
    net = line.unit.amount * line.quantity
    tax = round_half_up(net * line.tax_basis_points, BASIS)
    return InvoiceLine(
        position=position,
        description=line.description,
        calculation=line.calculation,
        quantity=line.quantity,
        unit_amount=line.unit.amount,
        net=net,
        tax_basis_points=line.tax_basis_points,
        tax=tax,
        gross=net + tax,
    )


def _take_number(*, prefix: str, year: int) -> str:
    InvoiceNumberSeries.objects.get_or_create(year=year)
    # The update takes the row's lock, and holds it until the caller's transaction ends.
    InvoiceNumberSeries.objects.filter(year=year).update(next_number=F("next_number") + 1)
    number = InvoiceNumberSeries.objects.values_list("next_number", flat=True).get(year=year) - 1
    return f"{prefix}-{year}-{number:04d}"
