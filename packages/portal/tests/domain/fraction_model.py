"""What a cart costs, reckoned a second time: slowly, in exact fractions, and without a line of the portal's own.

It is written from the rules (docs/catalog.md, "How an order is reckoned"), not from `domain`: cents are counted out one
at a time where an amount is spread, and rounding is done by asking which whole number is nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True, kw_only=True)
class Cart:
    """`add_ons` are ("percent", basis points), ("per_user", minor units) or ("flat", minor units). `coupon` is
    ("percent", basis points), ("amount", minor units) or None. `rate` is the buyer's country's, in basis points.
    """

    per_user: int
    seats: int
    add_ons: tuple[tuple[str, int], ...]
    coupon: tuple[str, int] | None
    rate: int
    inclusive: bool
    reverse_charge: bool


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """Each line as (unit, total, discount, net, tax, gross), and the sums."""

    lines: list[tuple[int, int, int, int, int, int]]
    price_per_user: int

    def sum_of(self, place: int) -> int:
        return sum(line[place] for line in self.lines)


def nearest(value: Fraction) -> int:
    """The nearest whole number; of two that are as near, the larger. Nothing here is below zero."""
    below = floor(value)
    return below if value - below < Fraction(1, 2) else below + 1


def reckon(cart: Cart) -> Reckoned:
    rate = Fraction(cart.rate, 10_000)
    units = [(Fraction(cart.per_user), cart.seats, True)]
    for kind, figure in cart.add_ons:
        if kind == "percent":
            units.append((Fraction(nearest(Fraction(cart.per_user) * figure / 10_000)), cart.seats, True))
        else:
            units.append((Fraction(figure), cart.seats if kind == "per_user" else 1, kind == "per_user"))
    if cart.reverse_charge and cart.inclusive:
        units = [(Fraction(nearest(unit / (1 + rate))), quantity, per_user) for unit, quantity, per_user in units]
    charged_rate = Fraction(0) if cart.reverse_charge else rate
    holds_tax = cart.inclusive and not cart.reverse_charge
    totals = [unit * quantity for unit, quantity, _per_user in units]
    lines = []
    of_users = Fraction(0)
    for (unit, _quantity, per_user), total, off in zip(units, totals, _taken_off(cart, totals), strict=True):
        charged = total - off
        if holds_tax:
            tax = nearest(charged - charged / (1 + charged_rate))
            net, gross = charged - tax, charged
        else:
            tax = nearest(charged * charged_rate)
            net, gross = charged, charged + tax
        lines.append((int(unit), int(total), off, int(net), tax, int(gross)))
        of_users += net if per_user else 0
    return Reckoned(lines=lines, price_per_user=nearest(of_users / cart.seats))


def _taken_off(cart: Cart, totals: list[Fraction]) -> list[int]:
    if cart.coupon is None:
        return [0 for _total in totals]
    kind, figure = cart.coupon
    if kind == "percent":
        return [nearest(total * figure / 10_000) for total in totals]
    whole = sum(totals)
    spent = min(Fraction(figure), whole)
    if not whole:
        return [0 for _total in totals]
    exact = [spent * total / whole for total in totals]
    given = [floor(share) for share in exact]
    # One cent after the other, each to the line that is furthest below its exact share; the first of equals.
    while sum(given) < spent:
        short = [share - have for share, have in zip(exact, given, strict=True)]
        given[short.index(max(short))] += 1
    return given
