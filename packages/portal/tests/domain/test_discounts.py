from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.domain.discounts import CouponTerms, discounts, spread
from keywright_portal.domain.money import CurrencyMismatchError, Money


def euros(*amounts):
    return [Money(amount, "EUR") for amount in amounts]


def test_without_a_coupon_nothing_is_taken_off():
    assert discounts(None, totals=euros(1, 2)) == (Money(0, "EUR"), Money(0, "EUR"))


def test_a_percentage_is_taken_of_each_line_and_rounded_there_half_up():
    coupon = CouponTerms(code="C", basis_points=1_000)
    assert [off.amount for off in discounts(coupon, totals=euros(2_040_000, 45, 44, 0))] == [204_000, 5, 4, 0]


@pytest.mark.parametrize(
    ("amount", "over", "shares"),
    [
        (100, (100, 100, 100), [34, 33, 33]),
        (200, (100, 100, 100), [67, 67, 66]),
        (5, (1, 2, 3), [1, 2, 2]),
        (1, (5, 5), [1, 0]),
        (7, (10, 0, 4), [5, 0, 2]),
        (0, (10, 4), [0, 0]),
        (99, (10, 4), [10, 4]),
        (14, (10, 4), [10, 4]),
        (5, (0, 0), [0, 0]),
    ],
)
def test_an_amount_is_spread_by_largest_remainder_and_never_more_than_there_is(amount, over, shares):
    coupon = CouponTerms(code="C", amount=Money(amount, "EUR"))
    assert [off.amount for off in discounts(coupon, totals=euros(*over))] == shares


def test_an_amount_of_another_currency_is_refused():
    with pytest.raises(CurrencyMismatchError):
        discounts(CouponTerms(code="C", amount=Money(1, "USD")), totals=euros(1))


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"basis_points": 1, "amount": Money(1, "EUR")},
        {"basis_points": -1},
        {"basis_points": 10_001},
        {"amount": Money(-1, "EUR")},
    ],
)
def test_a_coupon_takes_a_share_or_an_amount(terms):
    with pytest.raises(ValueError, match="coupon"):
        CouponTerms(code="C", **terms)


@given(
    st.integers(min_value=0, max_value=10**15),
    st.lists(st.integers(min_value=0, max_value=10**14), min_size=1, max_size=8),
)
def test_what_is_spread_adds_up_and_no_share_is_larger_than_its_part(amount, over):
    shares = [share.amount for share in spread(Money(amount, "EUR"), over=euros(*over))]
    spent = min(amount, sum(over))
    assert sum(shares) == spent
    assert all(0 <= share <= part for share, part in zip(shares, over, strict=True))
    # Nobody is further from an exact share than one unit.
    assert all(
        abs(share * sum(over) - spent * part) < sum(over) for share, part in zip(shares, over, strict=True) if sum(over)
    )
