from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.domain.money import CurrencyMismatchError, Money, round_half_up, zero

AMOUNTS = st.integers(min_value=-(10**18), max_value=10**18)
WHOLES = st.integers(min_value=1, max_value=10**9)


def half_away_from_zero(value: Fraction) -> int:
    """The oracle: another way to the same rule."""
    rounded = math.floor(abs(value) + Fraction(1, 2))
    return rounded if value >= 0 else -rounded


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (0, 1, 0),
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (5, 10, 1),
        (4, 9, 0),
        (5, 9, 1),
        (-5, 9, -1),
        (7, 1, 7),
    ],
)
def test_halves_go_away_from_zero(numerator, denominator, rounded):
    assert round_half_up(numerator, denominator) == rounded


@given(AMOUNTS, WHOLES)
def test_rounding_agrees_with_fractions(numerator, denominator):
    assert round_half_up(numerator, denominator) == half_away_from_zero(Fraction(numerator, denominator))


@given(AMOUNTS, WHOLES)
def test_rounding_is_never_off_by_more_than_a_half(numerator, denominator):
    assert abs(round_half_up(numerator, denominator) - Fraction(numerator, denominator)) <= Fraction(1, 2)


@given(AMOUNTS, WHOLES)
def test_rounding_knows_no_side(numerator, denominator):
    assert round_half_up(-numerator, denominator) == -round_half_up(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(denominator):
    with pytest.raises(ValueError, match="positive"):
        round_half_up(1, denominator)


@pytest.mark.parametrize("amount", [1.0, 0.5, "1", None, True, Fraction(1), float("nan")])
def test_an_amount_is_an_integer_and_nothing_else(amount):
    with pytest.raises(TypeError, match="integer of minor units"):
        Money(amount, "USD")


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "", "U D", "ÄÖÜ", "US1", "123", "uSD"])
def test_a_currency_is_three_capital_letters(currency):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize("reckon", [lambda a, b: a + b, lambda a, b: a - b])
def test_currencies_are_never_mixed(reckon):
    with pytest.raises(CurrencyMismatchError):
        reckon(Money(1, "USD"), Money(1, "EUR"))


def test_nothing_makes_a_float():
    price = Money(10_200, "USD")
    for reckon in (lambda: price * 1.5, lambda: price.share(0.5, 1), lambda: price.percent(20.0)):
        with pytest.raises(TypeError):
            reckon()


@given(AMOUNTS, AMOUNTS)
def test_sums_and_differences_undo_each_other(first, second):
    a, b = Money(first, "EUR"), Money(second, "EUR")
    assert a + b - b == a
    assert a - a == zero("EUR")


@given(AMOUNTS, st.integers(min_value=0, max_value=100_000))
def test_a_percentage_is_rounded_once(amount, basis_points):
    expected = half_away_from_zero(Fraction(amount) * basis_points / 10_000)
    assert Money(amount, "USD").percent(basis_points) == Money(expected, "USD")


@given(AMOUNTS, st.integers(min_value=0, max_value=366), st.integers(min_value=1, max_value=366))
def test_a_share_is_rounded_once(amount, numerator, denominator):
    expected = half_away_from_zero(Fraction(amount) * numerator / denominator)
    assert Money(amount, "USD").share(numerator, denominator) == Money(expected, "USD")


def test_money_is_a_value():
    assert Money(5, "USD") == Money(5, "USD") != Money(5, "EUR")
    assert {Money(5, "USD"): "five"}[Money(5, "USD")] == "five"
    with pytest.raises(AttributeError):
        Money(5, "USD").amount = 6
