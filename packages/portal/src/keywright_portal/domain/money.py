"""Money: an integer of minor units and an ISO 4217 code. There is no float anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

BASIS: Final = 10_000
"""Basis points in a whole: 2000 basis points are 20 %."""

_CODE: Final = re.compile("[A-Z]{3}")


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies were added, subtracted or compared."""


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves away from zero: the one rounding that money knows."""
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    whole, rest = divmod(abs(numerator), denominator)
    rounded = whole + (1 if 2 * rest >= denominator else 0)
    return rounded if numerator >= 0 else -rounded


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units (cents, say) of `currency`, an upper-case ISO 4217 code."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError("an amount of money is an integer of minor units")
        if not _CODE.fullmatch(self.currency):
            raise ValueError("a currency is an upper-case ISO 4217 code")

    def _same(self, other: Self) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} can't be reckoned together")

    def __add__(self, other: Self) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def share(self, numerator: int, denominator: int) -> Money:
        """`numerator / denominator` of it, rounded once, half up."""
        return Money(round_half_up(self.amount * numerator, denominator), self.currency)

    def percent(self, basis_points: int) -> Money:
        """`basis_points` of it, rounded once, half up."""
        return self.share(basis_points, BASIS)


def zero(currency: str) -> Money:
    return Money(0, currency)
