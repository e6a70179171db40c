"""What a choice costs. The server computes every price; what a browser sends is a choice, never an amount."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keywright_portal.domain.money import Money, zero

MIN_SEATS: Final = 1
MAX_SEATS: Final = 2_147_483_647
"""There is no maximum in the business; this is what a 32-bit count in a licensed server can hold."""


class PriceKind(StrEnum):
    PER_USER = "per_user"
    PERCENT = "percent"
    FLAT = "flat"


class LineKind(StrEnum):
    PLAN = "plan"
    ADD_ON = "add_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPrice:
    """A plan's price for one user and one term."""

    code: str
    name: str
    per_user: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOnPrice:
    """An add-on's price for one term: per user, in basis points of the plan's price per user, or flat."""

    code: str
    name: str
    kind: PriceKind
    amount: Money | None = None
    basis_points: int | None = None

    def __post_init__(self) -> None:
        by_percent = self.kind is PriceKind.PERCENT
        if by_percent != (self.basis_points is not None) or by_percent == (self.amount is not None):
            raise ValueError("a percentage has basis points, any other price has an amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """`quantity` × `unit` = `total`. `basis_points` is set where the unit is a share of the plan's price."""

    kind: LineKind
    code: str
    name: str
    quantity: int
    unit: Money
    total: Money
    per_user: bool
    basis_points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a purchase costs before tax, line by line."""

    lines: tuple[QuoteLine, ...]
    subtotal: Money

    @property
    def price_per_user(self) -> Money:
        """The term's initial price per user: the plan's, with per-user and percentage add-ons and without flat ones."""
        price = zero(self.subtotal.currency)
        for line in self.lines:
            if line.per_user:
                price += line.unit
        return price


def quote(*, plan: PlanPrice, seats: int, add_ons: tuple[AddOnPrice, ...] = ()) -> Quote:
    """The lines and the sum for `seats` users of `plan` with `add_ons`, each price for one whole term.

    A percentage is taken of the price per user and rounded there, once: a line is then exactly users × unit price, and
    the price that overage is later charged is the price that the line shows.

    Raises ValueError where `seats` is out of range, CurrencyMismatchError where a price is in another currency.
    """
    if not MIN_SEATS <= seats <= MAX_SEATS:
        raise ValueError(f"seats must be from {MIN_SEATS} to {MAX_SEATS}")
    lines = [
        QuoteLine(
            kind=LineKind.PLAN,
            code=plan.code,
            name=plan.name,
            quantity=seats,
            unit=plan.per_user,
            total=plan.per_user * seats,
            per_user=True,
        )
    ]
    lines += [_add_on_line(add_on, plan=plan, seats=seats) for add_on in add_ons]
    subtotal = zero(plan.per_user.currency)
    for line in lines:
        subtotal += line.total
    return Quote(lines=tuple(lines), subtotal=subtotal)


def add_on_unit(add_on: AddOnPrice, *, plan: PlanPrice) -> Money:
    """The add-on's price for one user, or its flat price."""
    if add_on.basis_points is not None:
        return plan.per_user.percent(add_on.basis_points)
    if add_on.amount is None:
        raise ValueError("an add-on has an amount or basis points")
    return add_on.amount


def _add_on_line(add_on: AddOnPrice, *, plan: PlanPrice, seats: int) -> QuoteLine:
    unit = add_on_unit(add_on, plan=plan)
    per_user = add_on.kind is not PriceKind.FLAT
    quantity = seats if per_user else 1
    return QuoteLine(
        kind=LineKind.ADD_ON,
        code=add_on.code,
        name=add_on.name,
        quantity=quantity,
        unit=unit,
        total=unit * quantity,
        per_user=per_user,
        basis_points=add_on.basis_points,
    )
