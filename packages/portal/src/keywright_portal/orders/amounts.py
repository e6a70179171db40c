"""Writing a quote into an order: its sums and its lines, as they were reckoned."""

from __future__ import annotations

from typing import Any

from keywright_portal.domain.pricing import Quote, QuoteLine
from keywright_portal.kit.insert import insert
from keywright_portal.orders.models import Order, OrderLine


def set_amounts(order: Order, quote: Quote) -> None:
    """Set the order's sums and its tax, in memory. The caller holds the order's lock, saves it and writes the lines."""
    order.currency = quote.subtotal.currency
    order.discount = quote.discount.amount
    order.net = quote.net.amount
    order.tax = quote.tax.amount
    order.gross = quote.gross.amount
    order.tax_kind = quote.treatment.kind.value
    order.tax_basis_points = quote.treatment.basis_points
    order.tax_name = quote.treatment.name
    order.prices_include_tax = quote.treatment.inclusive
    order.price_per_user = quote.price_per_user.amount


def write_lines(order: Order, quote: Quote) -> None:
    """Put the quote's lines in the place of the order's; none is written where the order has them already."""
    wanted = [_fields(line, position=position) for position, line in enumerate(quote.lines, start=1)]
    kept = list(order.lines.values(*wanted[0]))
    if kept == wanted:
        return
    if kept:
        order.lines.all().delete()
    insert(*(OrderLine(order=order, **fields) for fields in wanted))


def _fields(line: QuoteLine, *, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "kind": line.kind.value,
        "code": line.code,
        "name": line.name,
        "quantity": line.quantity,
        "unit_amount": line.unit.amount,
        "amount": line.total.amount,
        "discount": line.discount.amount,
        "net": line.net.amount,
        "tax": line.tax.amount,
        "gross": line.gross.amount,
        "tax_basis_points": line.tax_basis_points,
        "per_user": line.per_user,
        "basis_points": line.basis_points,
    }
