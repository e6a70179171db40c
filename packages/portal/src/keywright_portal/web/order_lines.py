"""The Order summary, of a choice that is no order yet and of an order, in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import Money
from keywright_portal.orders.wording import calculation_in_words, tax_in_words, tax_note

if TYPE_CHECKING:
    from keywright_portal.domain.pricing import Quote, QuoteLine
    from keywright_portal.domain.term import TermSpan
    from keywright_portal.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """`calculation` is the sum that `amount` comes from."""

    name: str
    calculation: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """What is bought and what it costs. `span` is the term if it is paid today.

    `coupon` is its code, and `discount` what it takes off. `tax_label` names the tax; `tax_is_included` says that the
    lines hold it already; `tax_note` is the sentence that comes with it, if any.
    """

    lines: tuple[SummaryLine, ...]
    subtotal: Money
    coupon: str
    discount: Money
    tax: Money
    tax_label: str
    tax_is_included: bool
    tax_note: str
    total: Money
    span: TermSpan
    card_is_offered: bool


def summary_of_quote(quote: Quote, *, span: TermSpan, card_is_offered: bool) -> OrderSummary:
    treatment = quote.treatment
    return OrderSummary(
        lines=tuple(_line(line, unit=line.unit, amount=line.total) for line in quote.lines),
        subtotal=quote.subtotal,
        coupon=quote.coupon_code,
        discount=quote.discount,
        tax=quote.tax,
        tax_label=tax_in_words(kind=treatment.kind, name=treatment.name, basis_points=treatment.basis_points),
        tax_is_included=treatment.inclusive and bool(quote.tax.amount),
        tax_note=tax_note(treatment.kind),
        total=quote.gross,
        span=span,
        card_is_offered=card_is_offered,
    )


def summary_of_order(order: Order, *, span: TermSpan, card_is_offered: bool) -> OrderSummary:
    """Of an order as it holds it. For other billing details than its own: `summary_of_quote` of `orders.requote`."""
    currency = order.currency
    lines = list(order.lines.all())
    return OrderSummary(
        lines=tuple(
            _line(line, unit=Money(line.unit_amount, currency), amount=Money(line.amount, currency)) for line in lines
        ),
        subtotal=Money(sum(line.amount for line in lines), currency),
        coupon=order.coupon.code if order.coupon is not None else "",
        discount=Money(order.discount, currency),
        tax=Money(order.tax, currency),
        tax_label=tax_in_words(kind=order.tax_kind, name=order.tax_name, basis_points=order.tax_basis_points),
        tax_is_included=order.prices_include_tax and bool(order.tax),
        tax_note=tax_note(order.tax_kind),
        total=order.total,
        span=span,
        card_is_offered=card_is_offered,
    )


def _line(line: OrderLine | QuoteLine, *, unit: Money, amount: Money) -> SummaryLine:
    calculation = calculation_in_words(line, unit=money_in_words(unit.amount, unit.currency))
    return SummaryLine(name=line.name, calculation=calculation, amount=amount)
