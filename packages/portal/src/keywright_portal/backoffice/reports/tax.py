"""Tax of a month, by country and rate: what invoices charged, and what credit notes took back of it.

An invoice counts in the month of its issue, paid or not; a credit note in that of its own, under the country and the
rate of its invoice. Amounts are the documents' own lines added up: nothing is rounded again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from keywright_portal.backoffice.amounts import decimal_of
from keywright_portal.billing.models import CreditNoteLine, InvoiceLine
from keywright_portal.domain.money import BASIS, Money

if TYPE_CHECKING:
    from uuid import UUID

    from keywright_portal.backoffice.reports.month import Month
    from keywright_portal.kit.spreadsheet import Cell

_PERCENT: Final = BASIS // 100


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """What tax is declared by. `kind` is taxed, reverse_charge or untaxed."""

    country: str
    kind: str
    name: str
    basis_points: int
    currency: str


@dataclass(slots=True)
class Side:
    """Minor units of what was charged, or taken back; `documents` are the invoices or credit notes it stands on."""

    net: int = 0
    tax: int = 0
    documents: set[UUID] = field(default_factory=set)

    def add(self, *, net: int, tax: int, document: UUID) -> None:
        self.net += net
        self.tax += tax
        self.documents.add(document)


@dataclass(slots=True)
class Declared:
    charged: Side = field(default_factory=Side)
    taken_back: Side = field(default_factory=Side)


def tax_of(month: Month) -> dict[Rate, Declared]:
    """In the order of country, kind and rate. Two queries."""
    sums: dict[Rate, Declared] = defaultdict(Declared)
    billed = InvoiceLine.objects.filter(invoice__issued_at__gte=month.begins, invoice__issued_at__lt=month.ends)
    for country, kind, name, basis_points, currency, net, tax, document in (
        billed.order_by()
        .values_list(
            "invoice__tax_country",
            "invoice__tax_kind",
            "invoice__tax_name",
            "tax_basis_points",
            "invoice__currency",
            "net",
            "tax",
            "invoice_id",
        )
        .iterator()
    ):
        sums[Rate(country, kind, name, basis_points, currency)].charged.add(net=net, tax=tax, document=document)
    returned = CreditNoteLine.objects.filter(
        credit_note__issued_at__gte=month.begins, credit_note__issued_at__lt=month.ends
    )
    for country, kind, name, basis_points, currency, net, tax, document in (
        returned.order_by()
        .values_list(
            "credit_note__invoice__tax_country",
            "credit_note__invoice__tax_kind",
            "credit_note__invoice__tax_name",
            "tax_basis_points",
            "credit_note__currency",
            "net",
            "tax",
            "credit_note_id",
        )
        .iterator()
    ):
        sums[Rate(country, kind, name, basis_points, currency)].taken_back.add(net=net, tax=tax, document=document)
    return dict(sorted(sums.items()))


def headers() -> Sequence[str]:
    return (
        _("Month"),
        _("Country"),
        _("How it is taxed"),
        _("Tax"),
        _("Rate in percent"),
        _("Currency"),
        _("Net charged"),
        _("Tax charged"),
        _("Net taken back"),
        _("Tax taken back"),
        _("Net"),
        _("Tax to declare"),
        _("Gross"),
        _("Invoices"),
        _("Credit notes"),
    )


def rows(month: Month) -> Iterator[Sequence[Cell]]:
    """A row for each country, kind of tax, rate and currency."""
    for rate, declared in tax_of(month).items():
        charged, taken = declared.charged, declared.taken_back

        def money(amount: int, currency: str = rate.currency) -> Decimal:
            return decimal_of(Money(amount, currency))

        yield (
            str(month),
            rate.country,
            rate.kind,
            rate.name,
            Decimal(rate.basis_points) / _PERCENT,
            rate.currency,
            money(charged.net),
            money(charged.tax),
            money(taken.net),
            money(taken.tax),
            money(charged.net - taken.net),
            money(charged.tax - taken.tax),
            money(charged.net + charged.tax - taken.net - taken.tax),
            len(charged.documents),
            len(taken.documents),
        )
