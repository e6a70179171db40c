"""The Order summary, of a choice that is no order yet and of an order, in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import Money
from keywright_portal.orders.wording import calculation_in_words

if TYPE_CHECKING:
    from keywright_portal.domain.pricing import Quote
    from keywright_portal.domain.term import TermSpan
    from keywright_portal.orders.models import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """`calculation` is the sum that `amount` comes from."""

    name: str
    calculation: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """What is bought and what it costs. `span` is the term if it is paid today."""

    lines: tuple[SummaryLine, ...]
    subtotal: Money
    tax: Money
    total: Money
    span: TermSpan
    card_is_offered: bool


def summary_of_quote(quote: Quote, *, span: TermSpan, card_is_offered: bool) -> OrderSummary:
    lines = tuple(
        SummaryLine(
            name=line.name,
            calculation=calculation_in_words(line, unit=money_in_words(line.unit.amount, line.unit.currency)),
            amount=line.total,
        )
        for line in quote.lines
    )
    return OrderSummary(
        lines=lines,
        subtotal=quote.subtotal,
        tax=Money(0, quote.subtotal.currency),
        total=quote.subtotal,
        span=span,
        card_is_offered=card_is_offered,
    )


def summary_of_order(order: Order, *, span: TermSpan, card_is_offered: bool) -> OrderSummary:
    lines = tuple(
        SummaryLine(
            name=line.name,
            calculation=calculation_in_words(line, unit=money_in_words(line.unit_amount, order.currency)),
            amount=Money(line.amount, order.currency),
        )
        for line in order.lines.all()
    )
    return OrderSummary(
        lines=lines,
        subtotal=Money(order.net, order.currency),
        tax=Money(order.tax, order.currency),
        total=order.total,
        span=span,
        card_is_offered=card_is_offered,
    )
