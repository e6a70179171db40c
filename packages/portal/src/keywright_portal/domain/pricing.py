"""What a choice costs. The server computes every price; what a browser sends is a choice, never an amount."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from keywright_portal.domain.discounts import CouponTerms, discounts
from keywright_portal.domain.money import Money, zero
from keywright_portal.domain.tax import UNTAXED, TaxTreatment

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
    """`quantity` × `unit` = `total`. `basis_points` is set where the unit is a share of the plan's price.

    `total` − `discount` is `net` where prices exclude tax, `gross` where they include it; `net` + `tax` is `gross`.
    """

    kind: LineKind
    code: str
    name: str
    quantity: int
    unit: Money
    total: Money
    discount: Money
    net: Money
    tax: Money
    gross: Money
    tax_basis_points: int
    per_user: bool
    basis_points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a purchase costs, line by line. `subtotal` is the sum of the lines before the coupon."""

    lines: tuple[QuoteLine, ...]
    subtotal: Money
    discount: Money
    net: Money
    tax: Money
    gross: Money
    treatment: TaxTreatment
    coupon_code: str = ""

    @property
    def price_per_user(self) -> Money:
        """The term's initial price per user: the plan's, with per-user and percentage add-ons and without flat ones,
        after the coupon and before tax; rounded half up where the coupon doesn't come out even.
        """
        per_user = [line for line in self.lines if line.per_user]
        whole = zero(self.subtotal.currency)
        for line in per_user:
            whole += line.net
        return whole.share(1, per_user[0].quantity)


def quote(
    *,
    plan: PlanPrice,
    seats: int,
    add_ons: tuple[AddOnPrice, ...] = (),
    coupon: CouponTerms | None = None,
    treatment: TaxTreatment = UNTAXED,
) -> Quote:
    """The lines and the sums for `seats` users of `plan` with `add_ons`, each price for one whole term.

    A percentage is taken of the price per user and rounded there, once: a line is then exactly users × unit price, and
    the price that overage is later charged is the price that the line shows. A unit price that holds a tax which the
    buyer doesn't pay is netted of it, once, before it is counted. The coupon is taken off line by line, then tax is
    reckoned and rounded line by line: sums are sums of lines.

    Raises ValueError where `seats` is out of range, CurrencyMismatchError where a price or the coupon is in another
    currency.
    """
    if not MIN_SEATS <= seats <= MAX_SEATS:
        raise ValueError(f"seats must be from {MIN_SEATS} to {MAX_SEATS}")
    units = [_plan_unit(plan, seats=seats), *(_add_on_unit(add_on, plan=plan, seats=seats) for add_on in add_ons)]
    units = [replace(unit, unit=treatment.net_unit(unit.unit)) for unit in units]
    totals = [unit.unit * unit.quantity for unit in units]
    off = discounts(coupon, totals=totals)
    lines = tuple(
        _line(unit, total=total, discount=discount, treatment=treatment)
        for unit, total, discount in zip(units, totals, off, strict=True)
    )
    currency = plan.per_user.currency
    return Quote(
        lines=lines,
        subtotal=add_up((line.total for line in lines), currency=currency),
        discount=add_up((line.discount for line in lines), currency=currency),
        net=add_up((line.net for line in lines), currency=currency),
        tax=add_up((line.tax for line in lines), currency=currency),
        gross=add_up((line.gross for line in lines), currency=currency),
        treatment=treatment,
        coupon_code=coupon.code if coupon is not None else "",
    )


def add_up(amounts: Iterable[Money], *, currency: str) -> Money:
    """Their sum; nothing of `currency` where there are none."""
    total = zero(currency)
    for amount in amounts:
        total += amount
    return total


def add_on_unit(add_on: AddOnPrice, *, plan: PlanPrice) -> Money:
    """The add-on's price for one user, or its flat price."""
    if add_on.basis_points is not None:
        return plan.per_user.percent(add_on.basis_points)
    if add_on.amount is None:
        raise ValueError("an add-on has an amount or basis points")
    return add_on.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """What a line counts, before anything is taken off or put on."""

    kind: LineKind
    code: str
    name: str
    quantity: int
    unit: Money
    per_user: bool
    basis_points: int | None = None


def _plan_unit(plan: PlanPrice, *, seats: int) -> _Unit:
    return _Unit(kind=LineKind.PLAN, code=plan.code, name=plan.name, quantity=seats, unit=plan.per_user, per_user=True)


def _add_on_unit(add_on: AddOnPrice, *, plan: PlanPrice, seats: int) -> _Unit:
    per_user = add_on.kind is not PriceKind.FLAT
    return _Unit(
        kind=LineKind.ADD_ON,
        code=add_on.code,
        name=add_on.name,
        quantity=seats if per_user else 1,
        unit=add_on_unit(add_on, plan=plan),
        per_user=per_user,
        basis_points=add_on.basis_points,
    )


def _line(unit: _Unit, *, total: Money, discount: Money, treatment: TaxTreatment) -> QuoteLine:
    charged = total - discount
    tax = treatment.tax_on(charged)
    return QuoteLine(
        kind=unit.kind,
        code=unit.code,
        name=unit.name,
        quantity=unit.quantity,
        unit=unit.unit,
        total=total,
        discount=discount,
        net=charged - tax if treatment.inclusive else charged,
        tax=tax,
        gross=charged if treatment.inclusive else charged + tax,
        tax_basis_points=treatment.basis_points,
        per_user=unit.per_user,
        basis_points=unit.basis_points,
    )
