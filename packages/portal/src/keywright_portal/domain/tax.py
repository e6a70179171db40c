"""Which tax a purchase bears. Reckoning it line by line is `domain.pricing`'s; see `tax_treatment` for the seam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keywright_portal.domain.money import BASIS, Money

EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 (27 codes are read better so)
)
"""Member states of the European Union, by ISO 3166 (Greece is GR there, EL before its VAT numbers)."""


class TaxKind(StrEnum):
    TAXED = "taxed"
    REVERSE_CHARGE = "reverse_charge"
    UNTAXED = "untaxed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A country's rate in basis points, and what the tax is called there: VAT."""

    basis_points: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRules:
    """What the vendor's catalog says: where it sits, whether its prices include tax, and rates by buyer's country."""

    seller_country: str
    inclusive: bool
    rates: Mapping[str, TaxRate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxpayer:
    """Who buys. `vat_number_valid` says that a VAT number of this country was given and is made as it must be."""

    country: str
    vat_number_valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTreatment:
    """How each line is reckoned.

    `basis_points` is the rate that is charged: 0 unless `kind` is taxed. `inclusive` says that unit prices include it.
    `netted_of` is a rate that unit prices include and this buyer doesn't pay: they are netted of it first.
    """

    kind: TaxKind
    basis_points: int
    inclusive: bool
    name: str
    country: str
    netted_of: int = 0

    def net_unit(self, unit: Money) -> Money:
        """A stated unit price as this buyer's lines have it, rounded once, half up."""
        return unit.share(BASIS, BASIS + self.netted_of) if self.netted_of else unit

    def tax_on(self, amount: Money) -> Money:
        """The tax of a line, rounded once, half up: in `amount` where prices include it, else on top of it."""
        return amount.share(self.basis_points, BASIS + self.basis_points if self.inclusive else BASIS)


UNTAXED: Final = TaxTreatment(kind=TaxKind.UNTAXED, basis_points=0, inclusive=False, name="", country="")
"""Before anybody said where the buyer is."""


def tax_treatment(*, rules: TaxRules, taxpayer: Taxpayer) -> TaxTreatment:
    """The tax that this buyer pays: the one function that an adapter for Stripe Tax, or another service, would replace.

    What it answers is all that the rest of the portal knows of tax law: quotes, orders and invoices follow it.

    - No rate for the buyer's country: untaxed. What such a country is charged is the price as it is stated.
    - Seller and buyer in different EU countries and a valid VAT number: reverse charge, the buyer owes the tax to its
      own state (Articles 44 and 196 of Council Directive 2006/112/EC). Inclusive prices are netted of the rate there.
    - Else the rate of the buyer's country.
    """
    rate = rules.rates.get(taxpayer.country)
    if _is_reverse_charge(rules=rules, taxpayer=taxpayer):
        return TaxTreatment(
            kind=TaxKind.REVERSE_CHARGE,
            basis_points=0,
            inclusive=False,
            name=rate.name if rate is not None else "",
            country=taxpayer.country,
            netted_of=rate.basis_points if rate is not None and rules.inclusive else 0,
        )
    if rate is None:
        return TaxTreatment(
            kind=TaxKind.UNTAXED, basis_points=0, inclusive=rules.inclusive, name="", country=taxpayer.country
        )
    return TaxTreatment(
        kind=TaxKind.TAXED,
        basis_points=rate.basis_points,
        inclusive=rules.inclusive,
        name=rate.name,
        country=taxpayer.country,
    )


def _is_reverse_charge(*, rules: TaxRules, taxpayer: Taxpayer) -> bool:
    return (
        taxpayer.vat_number_valid
        and taxpayer.country != rules.seller_country
        and {taxpayer.country, rules.seller_country} <= EU
    )
