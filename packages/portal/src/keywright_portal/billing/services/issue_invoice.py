"""Issuing an invoice: numbered without gaps, immutable, typeset once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from keywright_portal.billing.models import Invoice, InvoiceLine, InvoiceNumberSeries
from keywright_portal.billing.numbers import take_number
from keywright_portal.billing.pdf import typeset_invoice
from keywright_portal.billing.services.record_payment import MoneyReceived, payment_row
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.insert import insert

if TYPE_CHECKING:
    from keywright_portal.accounts.models import Organization
    from keywright_portal.catalog.vendor import BankDetails
    from keywright_portal.kit.actor import Actor

__all__ = ["DAYS_TO_PAY", "LineToBill", "MoneyReceived", "issue_invoice"]

DAYS_TO_PAY: Final = 30
"""Days from the day of issue in which an invoice that isn't paid yet falls due, unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToBill:
    """A line that is already reckoned. `calculation` says it in words, such as `200 users × $102.00`.

    `quantity` × `unit` − `discount` is `net`, or `gross` where prices include tax; `gross` is `net` + `tax`. ValueError
    where that isn't so: an invoice doesn't reckon, and it doesn't say what doesn't add up.
    """

    description: str
    calculation: str
    quantity: int
    unit: Money
    discount: Money
    net: Money
    tax: Money
    gross: Money
    tax_basis_points: int = 0
    prices_include_tax: bool = False

    def __post_init__(self) -> None:
        price = self.unit * self.quantity - self.discount
        if self.gross != self.net + self.tax or price != (self.gross if self.prices_include_tax else self.net):
            raise ValueError(f"the line {self.description!r} doesn't add up")


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
    tax_kind: str = "untaxed",
    tax_name: str = "",
    tax_note: str = "",
    tax_country: str = "",
    due_at: datetime | None = None,
    bank: BankDetails | None = None,
) -> Invoice:
    """One invoice for one order, with its lines, its PDF and, where money was `received`, its payment.

    Runs in the caller's transaction: the number is taken under the lock of its year's row and comes back if the
    transaction fails, so that numbers have no gaps. `order_id` is unique: a second call for it fails on the constraint.
    `tax_note` is the sentence that the law asks for (reverse charge); `tax_country` is the country whose rate it is;
    `bank` is where a transfer goes, for an invoice that awaits one; `due_at` None is in DAYS_TO_PAY.
    Raises ValueError for no lines, for lines of several currencies or kinds of price, and for money received that isn't
    the invoice's total.
    """
    rows = [_line(line, position=position) for position, line in enumerate(lines, start=1)]
    currency, prices_include_tax = _one_kind(lines)
    net, tax = sum(row.net for row in rows), sum(row.tax for row in rows)
    if received is not None and received.amount != Money(net + tax, currency):
        raise ValueError("money received at issue is the invoice's total; a part of it comes by record_payment")
    invoice = Invoice(
        pk=uuid7(),
        number=take_number(series=InvoiceNumberSeries, prefix=number_prefix, year=now.year),
        organization=organization,
        order_id=order_id,
        order_number=order_number,
        purchase_order=purchase_order,
        currency=currency,
        net=net,
        tax=tax,
        gross=net + tax,
        tax_kind=tax_kind,
        tax_name=tax_name,
        tax_note=tax_note,
        tax_country=tax_country,
        prices_include_tax=prices_include_tax,
        buyer=dict(buyer),
        seller=dict(seller),
        bank=asdict(bank) if bank is not None else None,
        issued_at=now,
        due_at=due_at or now + timedelta(days=DAYS_TO_PAY),
        paid_at=None if received is None else received.received_at or now,
    )
    payment = None if received is None else payment_row(invoice=invoice, received=received, position=1, now=now)
    invoice.pdf = typeset_invoice(invoice=invoice, lines=rows, payment=payment)
    insert(invoice)
    for row in rows:
        row.invoice = invoice
    insert(*rows)
    if payment is not None:
        insert(payment)
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


def _one_kind(lines: Sequence[LineToBill]) -> tuple[str, bool]:
    kinds = {(line.gross.currency, line.prices_include_tax) for line in lines}
    if len(kinds) != 1:
        raise ValueError("an invoice has lines, all in one currency, and all with or all without tax in their prices")
    return kinds.pop()


def _line(line: LineToBill, *, position: int) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        description=line.description,
        calculation=line.calculation,
        quantity=line.quantity,
        unit_amount=line.unit.amount,
        discount=line.discount.amount,
        prices_include_tax=line.prices_include_tax,
        net=line.net.amount,
        tax_basis_points=line.tax_basis_points,
        tax=line.tax.amount,
        gross=line.gross.amount,
    )
