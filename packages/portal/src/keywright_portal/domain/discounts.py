"""What a coupon takes off, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keywright_portal.domain.money import BASIS, CurrencyMismatchError, Money, zero


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponTerms:
    """A coupon: a share of each line in basis points, or an amount off the whole. Exactly one of the two."""

    code: str
    basis_points: int | None = None
    amount: Money | None = None

    def __post_init__(self) -> None:
        if (self.basis_points is None) == (self.amount is None):
            raise ValueError("a coupon has basis points or an amount")
        if self.basis_points is not None and not 0 <= self.basis_points <= BASIS:
            raise ValueError("a coupon takes from 0 to 10,000 basis points off")
        if self.amount is not None and self.amount.amount < 0:
            raise ValueError("a coupon takes nothing below zero off")


def discounts(coupon: CouponTerms | None, *, totals: Sequence[Money]) -> tuple[Money, ...]:
    """What the coupon takes off each line. `totals` are the lines, of one currency and none below zero.

    A percentage is taken of each line and rounded there, half up. An amount is spread, never more than there is.
    """
    if coupon is None:
        return tuple(zero(total.currency) for total in totals)
    if coupon.basis_points is not None:
        return tuple(total.percent(coupon.basis_points) for total in totals)
    if coupon.amount is None:
        raise ValueError("a coupon has basis points or an amount")
    return spread(coupon.amount, over=totals)


def spread(amount: Money, *, over: Sequence[Money]) -> tuple[Money, ...]:
    """`amount` in shares proportional to `over`, of which none is below zero: by largest remainder, the sum exact.

    Where remainders are equal the earlier share gets the odd unit. Of more than the whole, the whole is spread; no
    share is larger than what it is a share of.
    """
    if any(part.currency != amount.currency for part in over):
        raise CurrencyMismatchError("an amount is spread over sums of its own currency")
    weights = [part.amount for part in over]
    whole = sum(weights)
    spent = min(amount.amount, whole)
    if not whole:
        return tuple(zero(amount.currency) for _part in over)
    shares = [divmod(spent * weight, whole) for weight in weights]
    left = spent - sum(floor for floor, _rest in shares)
    by_remainder = sorted(range(len(shares)), key=lambda place: (-shares[place][1], place))
    gets_one_more = set(by_remainder[:left])
    return tuple(
        Money(floor + (place in gets_one_more), amount.currency) for place, (floor, _rest) in enumerate(shares)
    )
