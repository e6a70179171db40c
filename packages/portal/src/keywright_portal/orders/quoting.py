"""From a buyer's choice to what it costs. A choice is a plan's code, a number and add-ons' codes: never an amount."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.selectors import OfferedAddOn, OfferedPlan
from keywright_portal.domain.pricing import MAX_SEATS, MIN_SEATS, Quote, quote
from keywright_portal.orders.errors import SeatsError

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


def parse_seats(text: str) -> int:
    """A whole number of users as a person types it. Raises SeatsError, which says what is allowed."""
    typed = text.strip()
    if len(typed) <= MAX_DIGITS and typed.isascii() and _GROUPED.fullmatch(typed):
        seats = int(re.sub(r"\D", "", typed))
        if MIN_SEATS <= seats <= MAX_SEATS:
            return seats
    raise SeatsError(_("Enter a whole number of users from 1 to %(most)s.") % {"most": f"{MAX_SEATS:,}"}, field="seats")


def price_choice(*, plan_code: str, seats: int, add_on_codes: Collection[str], currency: str) -> PricedChoice:
    """Reckon a choice with today's prices.

    Raises NotFoundError (no such plan), NoLongerSoldError, AddOnNotOfferedError; the sentences are for the buyer.
    """
    offered = catalog.offered_plan(code=plan_code, currency=currency)
    return price_offered(offered=offered, seats=seats, add_on_codes=add_on_codes)


def price_offered(*, offered: OfferedPlan, seats: int, add_on_codes: Collection[str]) -> PricedChoice:
    """As `price_choice`, where the catalog was read already. Raises what it raises for add-ons."""
    add_ons = offered.add_ons_for(add_on_codes)
    return PricedChoice(
        offered=offered,
        seats=seats,
        add_ons=add_ons,
        quote=quote(plan=offered.price, seats=seats, add_ons=tuple(add_on.price for add_on in add_ons)),
    )
