"""Revenue of a month by the day it is earned: each purchase's net amount, spread over the days of its term.

What is billed is earned from the first day that was paid for: the term's, and for users added within a term the day on
which they were added. Nothing is earned of an order whose subscription hasn't begun. A credit note takes off as much of
each of those days as its share; what falls on days that are over is taken off on its own day. See `domain/revenue.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from keywright_portal.backoffice.amounts import decimal_of
from keywright_portal.billing.models import CreditNote, Invoice
from keywright_portal.domain.money import Money
from keywright_portal.domain.revenue import (
    Earning,
    days_of,
    earned_before,
    earned_between,
    earned_by_day,
    still_to_earn,
)
from keywright_portal.subscriptions.models import SeatLedgerEntry

if TYPE_CHECKING:
    from uuid import UUID

    from keywright_portal.backoffice.reports.month import Month
    from keywright_portal.kit.spreadsheet import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """An invoice, or a credit note, whose `earning` then is negative."""

    number: str
    invoice_number: str
    organization: str
    earning: Earning

    @property
    def is_credit(self) -> bool:
        return self.number != self.invoice_number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """The days that an order paid for, and since when that was known."""

    first_day: date
    days: int
    known_on: date


def earned_in(month: Month) -> list[Earned]:
    """Whatever has a part in the month's revenue or in what is still to be earned, in the order of issue. 3 queries."""
    served = _served(month)
    running = SeatLedgerEntry.objects.filter(term__ends_at__gt=month.begins).values("cause_id")
    invoices = Invoice.objects.filter(
        Q(order_id__in=running) | Q(issued_at__gte=month.begins), issued_at__lt=month.ends
    ).values_list("order_id", "number", "number", "organization__name", "net", "currency", "issued_at")
    notes = CreditNote.objects.filter(
        Q(invoice__order_id__in=running) | Q(issued_at__gte=month.begins), issued_at__lt=month.ends
    ).values_list(
        "invoice__order_id", "number", "invoice__number", "organization__name", "net", "currency", "issued_at"
    )
    found = []
    for documents, sign in ((invoices, 1), (notes, -1)):
        for order_id, number, invoice, organization, net, currency, issued_at in documents.order_by(
            "issued_at", "number"
        ):
            if order_id in served:
                earning = _earning(served[order_id], net=Money(sign * net, currency), issued_on=issued_at.date())
                one = Earned(number=number, invoice_number=invoice, organization=organization, earning=earning)
                found.append(one)
    return found


def _served(month: Month) -> dict[UUID, _Served]:
    """By order: those whose term isn't over when the month begins, or of which something was issued in the month."""
    earlier = SeatLedgerEntry.objects.filter(term=OuterRef("term"), created_at__lt=OuterRef("created_at"))
    told = Invoice.objects.filter(Q(issued_at__gte=month.begins) | Q(credit_notes__issued_at__gte=month.begins))
    entries = SeatLedgerEntry.objects.filter(
        Q(term__ends_at__gt=month.begins) | Q(created_at__gte=month.begins) | Q(cause_id__in=told.values("order_id")),
        created_at__lt=month.ends,
    ).annotate(is_added=Exists(earlier))
    return {
        cause_id: _span(starts_at, ends_at, bought_at, is_added=is_added)
        for cause_id, starts_at, ends_at, bought_at, is_added in entries.order_by().values_list(
            "cause_id", "term__starts_at", "term__ends_at", "created_at", "is_added"
        )
    }


def _span(starts_at: datetime, ends_at: datetime, bought_at: datetime, *, is_added: bool) -> _Served:
    first_day = max(starts_at.date(), bought_at.date()) if is_added else starts_at.date()
    # Users added on a term's very last instant still served for a day.
    return _Served(first_day=first_day, days=max((ends_at.date() - first_day).days, 1), known_on=bought_at.date())


def _earning(served: _Served, *, net: Money, issued_on: date) -> Earning:
    known_on = max(issued_on, served.known_on)
    return Earning(net=net, first_day=served.first_day, days=served.days, known_on=known_on)


def headers_by_day() -> Sequence[str]:
    return (_("Day"), _("Currency"), _("Earned of invoices"), _("Taken off by credit notes"), _("Revenue"))


def rows_by_day(month: Month) -> Iterator[Sequence[Cell]]:
    """A row a day, each currency on its own."""
    found = earned_in(month)
    span = {"since": month.since, "until": month.until}
    of_invoices = earned_by_day((one.earning for one in found if not one.is_credit), **span)
    of_notes = earned_by_day((one.earning for one in found if one.is_credit), **span)
    for currency in sorted({*of_invoices, *of_notes}):
        for day in days_of(**span):
            earned = of_invoices.get(currency, {}).get(day, 0)
            taken = of_notes.get(currency, {}).get(day, 0)
            yield (
                day,
                currency,
                decimal_of(Money(earned, currency)),
                decimal_of(Money(taken, currency)),
                decimal_of(Money(earned + taken, currency)),
            )


def headers_by_document() -> Sequence[str]:
    return (
        _("Document"),
        _("Invoice"),
        _("Organization"),
        _("Currency"),
        _("Net"),
        _("First day"),
        _("Last day"),
        _("Days"),
        _("Earned before the month"),
        _("Earned in the month"),
        _("Still to be earned after it"),
    )


def rows_by_document(month: Month) -> Iterator[Sequence[Cell]]:
    """Where the days' sums come from: a row for each invoice and credit note with something earned or to be earned."""
    for one in earned_in(month):
        before = earned_before(one.earning, month.since)
        within = earned_between(one.earning, since=month.since, until=month.until)
        after = still_to_earn(one.earning, month.until)
        if within.amount or after.amount:
            yield (
                one.number,
                one.invoice_number,
                one.organization,
                one.earning.net.currency,
                *_decimals(one.earning.net),
                one.earning.first_day,
                one.earning.last_day,
                one.earning.days,
                *_decimals(before, within, after),
            )


def _decimals(*amounts: Money) -> tuple[Decimal, ...]:
    return tuple(map(decimal_of, amounts))
