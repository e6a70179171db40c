"""The invoice of an order: what was agreed to, line by line, as it was reckoned."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Final

from keywright_portal.billing.services.issue_invoice import LineToBill, MoneyReceived, issue_invoice
from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import Money
from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.orders.models import OrderLine
from keywright_portal.orders.parties import buyer_on_invoice, seller_on_invoice
from keywright_portal.orders.wording import calculation_in_words, tax_note

if TYPE_CHECKING:
    from keywright_portal.billing.models import Invoice
    from keywright_portal.catalog.vendor import VendorDetails
    from keywright_portal.kit.actor import Actor
    from keywright_portal.orders.models import Order


_LINES: Final = PreparedModels(lambda order_id: OrderLine.objects.filter(order_id=order_id), uuid.UUID)


def bill(
    *, order: Order, vendor: VendorDetails, received: MoneyReceived | None, actor: Actor, now: datetime
) -> Invoice:
    """Issue the order's invoice, in the caller's transaction, which holds the order's lock.

    Without money `received` it awaits a transfer: it names the vendor's bank, and falls due after the usual time.
    """
    return issue_invoice(
        organization=order.organization,
        order_id=order.pk,
        order_number=order.number,
        purchase_order=order.purchase_order,
        buyer=buyer_on_invoice(order),
        seller=seller_on_invoice(vendor),
        number_prefix=vendor.invoice_prefix,
        lines=[_line(order, line) for line in _LINES(order.pk)],
        received=received,
        tax_kind=order.tax_kind,
        tax_name=order.tax_name,
        tax_note=tax_note(order.tax_kind),
        tax_country=str((order.buyer or {}).get("country", "")),
        bank=vendor.bank if received is None else None,
        actor=actor,
        now=now,
    )


def _line(order: Order, line: OrderLine) -> LineToBill:
    return LineToBill(
        description=line.name,
        calculation=calculation_in_words(line, unit=money_in_words(line.unit_amount, order.currency)),
        quantity=line.quantity,
        unit=Money(line.unit_amount, order.currency),
        discount=Money(line.discount, order.currency),
        net=Money(line.net, order.currency),
        tax=Money(line.tax, order.currency),
        gross=Money(line.gross, order.currency),
        tax_basis_points=line.tax_basis_points,
        prices_include_tax=order.prices_include_tax,
    )
