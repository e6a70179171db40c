"""From a buyer's choice to what it costs. A choice is a plan's code, a number and add-ons' codes: never an amount."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.errors import CouponError
from keywright_portal.catalog.models import AddOn, Coupon
from keywright_portal.catalog.selectors import OfferedAddOn, OfferedPlan
from keywright_portal.catalog.vat import is_valid_vat_number
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.pricing import MAX_SEATS, MIN_SEATS, Quote, quote
from keywright_portal.domain.tax import UNTAXED, Taxpayer, TaxTreatment, tax_treatment
from keywright_portal.kit.prepared import PreparedQuery
from keywright_portal.orders.coupons import terms_of
from keywright_portal.orders.errors import SeatsError
from keywright_portal.orders.models import Order

MAX_DIGITS: Final = 20
"""Longer numbers aren't read at all."""
# People write thousands with commas, spaces or apostrophes; a point or comma before one or two digits is no separator.
_GROUPED: Final = re.compile(r"\d{1,3}([,  ’'])\d{3}(\1\d{3})*|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedChoice:
    """What the buyer chose, as the catalog offers it today, and what it costs."""

    offered: OfferedPlan
    seats: int
    add_ons: tuple[OfferedAddOn, ...]
    quote: Quote
    coupon: Coupon | None = None


def parse_seats(text: str) -> int:
    """A whole number of users as a person types it. Raises SeatsError, which says what is allowed."""
    typed = text.strip()
    if len(typed) <= MAX_DIGITS and typed.isascii() and _GROUPED.fullmatch(typed):
        seats = int(re.sub(r"\D", "", typed))
        if MIN_SEATS <= seats <= MAX_SEATS:
            return seats
    raise SeatsError(_("Enter a whole number of users from 1 to %(most)s.") % {"most": f"{MAX_SEATS:,}"}, field="seats")


def currency_for(country: str, *, vendor: VendorDetails | None = None) -> str:
    """The currency in which buyers of a country pay. An order keeps the one that it began with."""
    return (vendor or catalog.vendor()).currency_for(country)


def treatment_for(*, country: str, vat_number: str, vendor: VendorDetails | None = None) -> TaxTreatment:
    """The tax for a buyer of these billing details. A VAT number that isn't made right counts as none."""
    taxpayer = Taxpayer(country=country, vat_number_valid=is_valid_vat_number(country=country, number=vat_number))
    return tax_treatment(rules=(vendor or catalog.vendor()).tax_rules, taxpayer=taxpayer)


def known_treatment(
    *, organization: Organization, order: Order | None = None, vendor: VendorDetails | None = None
) -> TaxTreatment:
    """The tax as far as one can tell before Complete: by the billing details that the order has already, else by the
    organization's own.
    """
    given = order.buyer if order is not None and order.buyer is not None else None
    return treatment_for(
        country=given["country"] if given is not None else organization.country.code,
        vat_number=given["vat_number"] if given is not None else organization.vat_number,
        vendor=vendor,
    )


def price_choice(
    *,
    plan_code: str,
    seats: int,
    add_on_codes: Collection[str],
    currency: str,
    coupon: Coupon | None = None,
    treatment: TaxTreatment = UNTAXED,
) -> PricedChoice:
    """Reckon a choice with today's prices. `coupon` is one that `orders.coupons.coupon_for` gave.

    Raises NotFoundError (no such plan), NoLongerSoldError, AddOnNotOfferedError, CouponError (it leaves nothing to
    pay); the sentences are for the buyer.
    """
    offered = catalog.offered_plan(code=plan_code, currency=currency)
    return price_offered(offered=offered, seats=seats, add_on_codes=add_on_codes, coupon=coupon, treatment=treatment)


def price_offered(
    *,
    offered: OfferedPlan,
    seats: int,
    add_on_codes: Collection[str],
    coupon: Coupon | None = None,
    treatment: TaxTreatment = UNTAXED,
) -> PricedChoice:
    """As `price_choice`, where the catalog was read already. Raises what it raises for add-ons and the coupon."""
    add_ons = offered.add_ons_for(add_on_codes)
    reckoned = quote(
        plan=offered.price,
        seats=seats,
        add_ons=tuple(add_on.price for add_on in add_ons),
        coupon=terms_of(coupon, currency=offered.price.per_user.currency),
        treatment=treatment,
    )
    if coupon is not None and reckoned.gross.amount <= 0:
        raise CouponError(
            _("Coupon %(code)s is worth as much as the whole order, and nothing would be left to pay. Add users.")
            % {"code": coupon.code},
            field="coupon",
        )
    return PricedChoice(offered=offered, seats=seats, add_ons=add_ons, quote=reckoned, coupon=coupon)


def requote(*, order: Order, country: str, vat_number: str, vendor: VendorDetails | None = None) -> PricedChoice:
    """What the order costs for these billing details, at today's prices, in its own currency and with its coupon.

    Changes nothing, and doesn't ask whether the coupon can still be used: Complete does. Raises what `price_choice`
    raises, where something was withdrawn since.
    """
    return price_choice(
        plan_code=order.plan.code,
        seats=order.seats,
        add_on_codes=[code for (code,) in _ADD_ON_CODES(order.pk)],
        currency=order.currency,
        coupon=order.coupon,
        treatment=treatment_for(country=country, vat_number=vat_number, vendor=vendor),
    )


_ADD_ON_CODES: Final = PreparedQuery(
    lambda order_id: AddOn.objects.filter(
        pk__in=Order.add_ons.through.objects.filter(order_id=order_id).values("addon_id")
    ).values_list("code"),
    uuid.UUID,
)
