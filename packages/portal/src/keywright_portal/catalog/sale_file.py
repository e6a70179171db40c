"""Reading and checking what the catalog file says about how things are sold: tax, currencies, coupons, transfers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django_countries import countries

from keywright_portal.catalog.reading import Table, check_currency, refuse
from keywright_portal.domain.tax import TaxRate

if TYPE_CHECKING:
    from keywright_portal.catalog.vendor import VendorDetails

COUPONS: Final = 500
"""Codes that stand in the file; a campaign with a code for each customer wants more than a file."""
COUPON_CODE: Final = "[A-Z0-9]+(-[A-Z0-9]+)*"
COUPON_CODE_LENGTH: Final = 40
USE_LIMIT: Final = 1_000_000
TAX_NAME_LENGTH: Final = 40
MOST_TAX: Final = 5_000
"""Basis points. Half as much again as the price is what `catalog.file.PER_USER_LIMIT` leaves room for."""

_TAX_INCLUDED: Final = {"exclusive": False, "inclusive": True}
_REVOKES: Final = {"revoke": True, "keep": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponEntry:
    """A coupon: `basis_points` off each line, or an amount off the whole by currency. No `plans` are all of them."""

    code: str
    basis_points: int | None
    amounts: dict[str, int]
    plans: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    use_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleTerms:
    """What `[tax]`, `[transfer]` and `[refunds]` say, by the names that `VendorDetails` keeps it under."""

    prices_include_tax: bool
    tax_rates: dict[str, TaxRate]
    transfer_offered: bool
    license_before_payment: bool
    full_refund_revokes: bool


def read_sale_terms(root: Table) -> SaleTerms:
    """Each of the tables may be missing: no tax, no transfers, and a full refund ends the license."""
    tax, transfer, refunds = (root.table_or_empty(name) for name in ("tax", "transfer", "refunds"))
    terms = SaleTerms(
        prices_include_tax=_TAX_INCLUDED[tax.choice("prices", _TAX_INCLUDED, default="exclusive")],
        tax_rates=_rates(tax.table_or_empty("rates")),
        transfer_offered=transfer.truth("offered", default=False),
        license_before_payment=transfer.truth("license_before_payment", default=False),
        full_refund_revokes=_REVOKES[refunds.choice("full_refund", _REVOKES, default="revoke")],
    )
    for table in (tax, transfer, refunds):
        table.finish()
    if terms.license_before_payment and not terms.transfer_offered:
        refuse(transfer.place("license_before_payment"), "is true, and transfers aren’t offered. Set offered = true.")
    return terms


def _rates(table: Table) -> dict[str, TaxRate]:
    rates = {}
    for country in table.keys():  # noqa: SIM118 (a table isn't a mapping)
        check_country(country, where=table.place(country))
        rate = table.table(country)
        rates[country] = TaxRate(
            basis_points=rate.basis_points("percent", most=MOST_TAX), name=rate.text("name", limit=TAX_NAME_LENGTH)
        )
        rate.finish()
    return dict(sorted(rates.items()))


def read_currencies(table: Table, *, own: str) -> dict[str, tuple[str, ...]]:
    """Countries by the currency in which they pay, `EUR = ["DE", "FR"]`; all others pay in the vendor's `own`."""
    found: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for currency in table.keys():  # noqa: SIM118 (a table isn't a mapping)
        where = table.place(currency)
        check_currency(currency, where=where)
        if currency == own:
            refuse(where, "is the vendor’s own currency, in which all other countries pay. Leave it out.")
        found[currency] = table.texts(currency, limit=2, least=1, most=len(countries))
        for country in found[currency]:
            check_country(country, where=where)
            if country in seen:
                refuse(where, f"names {country}, which stands under {seen[country]} already.")
            seen[country] = currency
    return found


def check_country(code: str, *, where: str) -> str:
    if code not in countries:
        refuse(where, f"is {code!r}; it must be the two letters of a country (ISO 3166), such as US.")
    return code


def read_coupons(root: Table, *, plans: Collection[str], vendor: VendorDetails) -> tuple[CouponEntry, ...]:
    """`[[coupons]]`, each code once. `plans` are the codes of all plans."""
    found: list[CouponEntry] = []
    for table in root.tables("coupons", most=COUPONS):
        coupon = _coupon(table, plans=plans, vendor=vendor)
        if any(other.code == coupon.code for other in found):
            refuse(table.place("code"), f"is {coupon.code!r}, which another coupon has. Choose another.")
        found.append(coupon)
    return tuple(found)


def _coupon(table: Table, *, plans: Collection[str], vendor: VendorDetails) -> CouponEntry:
    code = table.pattern(
        "code",
        COUPON_CODE,
        allowed="capital letters and digits, with single hyphens between",
        limit=COUPON_CODE_LENGTH,
    )
    basis_points, amounts = table.optional_basis_points("percent"), table.optional_amounts("amount")
    if (basis_points is None) == (amounts is None):
        refuse(table.where, "must have exactly one of percent and amount.")
    for currency in amounts or ():
        if currency not in vendor.all_currencies:
            sold_in = ", ".join(vendor.all_currencies)
            refuse(table.place("amount"), f"has {currency}, in which nothing is sold. Allowed: {sold_in}.")
    coupon = CouponEntry(
        code=code,
        basis_points=basis_points,
        amounts=dict(sorted((amounts or {}).items())),
        plans=table.choices("plans", plans),
        starts_at=_midnight(table.optional_date("starts_on")),
        # The last day is a whole one.
        ends_at=_midnight(table.optional_date("ends_on"), days=1),
        use_limit=table.optional_integer("use_limit", least=1, most=USE_LIMIT),
    )
    table.finish()
    if coupon.starts_at is not None and coupon.ends_at is not None and coupon.ends_at <= coupon.starts_at:
        refuse(table.place("ends_on"), "is before starts_on.")
    return coupon


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), tzinfo=UTC)
