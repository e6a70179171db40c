from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.domain.money import CurrencyMismatchError, Money
from keywright_portal.domain.pricing import MAX_SEATS, AddOnPrice, LineKind, PlanPrice, PriceKind, add_on_unit, quote

E10 = PlanPrice(code="E10", name="Enterprise Edition E10", per_user=Money(3_900, "USD"))
E20 = PlanPrice(code="E20", name="Enterprise Edition E20", per_user=Money(10_200, "USD"))
SUPPORT = AddOnPrice(code="premier-support", name="Premier Support", kind=PriceKind.PERCENT, basis_points=2_000)
BACKUP = AddOnPrice(code="backup", name="Backup", kind=PriceKind.PER_USER, amount=Money(250, "USD"))
SETUP = AddOnPrice(code="setup", name="Set-up", kind=PriceKind.FLAT, amount=Money(150_000, "USD"))


@pytest.mark.parametrize(
    ("plan", "seats", "add_ons", "totals", "price_per_user"),
    [
        (E10, 1, (), [3_900], 3_900),
        (E10, 5, (), [19_500], 3_900),
        (E20, 200, (SUPPORT,), [2_040_000, 408_000], 12_240),
        (E20, 3, (BACKUP,), [30_600, 750], 10_450),
        (E20, 3, (SETUP,), [30_600, 150_000], 10_200),
        (E20, 2, (SUPPORT, BACKUP, SETUP), [20_400, 4_080, 500, 150_000], 12_490),
        (E20, MAX_SEATS, (SUPPORT,), [21_904_333_199_400, 4_380_866_639_880], 12_240),
    ],
)
def test_a_quote(plan, seats, add_ons, totals, price_per_user):
    reckoned = quote(plan=plan, seats=seats, add_ons=add_ons)
    assert [line.total.amount for line in reckoned.lines] == totals
    assert reckoned.subtotal == Money(sum(totals), "USD")
    assert reckoned.price_per_user == Money(price_per_user, "USD")


def test_the_lines_say_what_they_are():
    plan, percent, flat = quote(plan=E20, seats=7, add_ons=(SUPPORT, SETUP)).lines
    assert (plan.kind, plan.code, plan.quantity, plan.per_user, plan.basis_points) == (
        LineKind.PLAN,
        "E20",
        7,
        True,
        None,
    )
    assert (percent.kind, percent.quantity, percent.unit, percent.basis_points) == (
        LineKind.ADD_ON,
        7,
        Money(2_040, "USD"),
        2_000,
    )
    assert (flat.quantity, flat.unit, flat.per_user) == (1, Money(150_000, "USD"), False)


def test_the_largest_purchase_is_right_to_the_cent():
    assert quote(plan=E20, seats=MAX_SEATS, add_ons=(SUPPORT,)).subtotal == Money(26_285_199_839_280, "USD")


@pytest.mark.parametrize("seats", [0, -1, MAX_SEATS + 1, 10**12])
def test_seats_out_of_range_have_no_price(seats):
    with pytest.raises(ValueError, match="from 1 to 2147483647"):
        quote(plan=E10, seats=seats)


def test_an_add_on_in_another_currency_is_refused():
    other = AddOnPrice(code="setup", name="Set-up", kind=PriceKind.FLAT, amount=Money(1, "EUR"))
    with pytest.raises(CurrencyMismatchError):
        quote(plan=E10, seats=1, add_ons=(other,))


@pytest.mark.parametrize(
    ("kind", "given_as"),
    [
        (PriceKind.PERCENT, {}),
        (PriceKind.PERCENT, {"amount": Money(1, "USD")}),
        (PriceKind.PERCENT, {"amount": Money(1, "USD"), "basis_points": 1}),
        (PriceKind.FLAT, {}),
        (PriceKind.FLAT, {"basis_points": 1}),
        (PriceKind.PER_USER, {"basis_points": 1}),
    ],
)
def test_a_price_has_basis_points_or_an_amount(kind, given_as):
    with pytest.raises(ValueError, match="basis points"):
        AddOnPrice(code="x", name="X", kind=kind, **given_as)


@pytest.mark.parametrize(
    ("per_user", "basis_points", "unit"),
    [(10_200, 2_000, 2_040), (333, 5_000, 167), (1, 4_999, 0), (1, 5_000, 1), (3_900, 1, 0), (3_900, 33_333, 13_000)],
)
def test_a_percentage_is_rounded_at_the_price_of_one_user(per_user, basis_points, unit):
    plan = PlanPrice(code="P", name="P", per_user=Money(per_user, "USD"))
    add_on = AddOnPrice(code="x", name="X", kind=PriceKind.PERCENT, basis_points=basis_points)
    assert add_on_unit(add_on, plan=plan) == Money(unit, "USD")


# ---- Any cart, against a slow model in fractions ---------------------------------------------------------------------

UNITS = st.integers(min_value=0, max_value=10**9)
ADD_ONS = st.lists(
    st.one_of(
        st.tuples(st.just(PriceKind.PERCENT), st.integers(min_value=0, max_value=50_000)),
        st.tuples(st.just(PriceKind.PER_USER), UNITS),
        st.tuples(st.just(PriceKind.FLAT), UNITS),
    ),
    max_size=6,
)


def model(per_user: int, seats: int, add_ons: list[tuple[PriceKind, int]]) -> tuple[list[int], int]:
    """Each line's total, and the price per user: reckoned with fractions, one user at a time in thought."""
    totals, each = [per_user * seats], Fraction(per_user)
    for kind, figure in add_ons:
        if kind is PriceKind.FLAT:
            totals.append(figure)
            continue
        unit = Fraction(figure) if kind is PriceKind.PER_USER else Fraction(per_user * figure, 10_000)
        cents = int(unit + Fraction(1, 2))  # nothing here is negative
        totals.append(cents * seats)
        each += cents
    return totals, int(each)


@given(UNITS, st.integers(min_value=1, max_value=MAX_SEATS), ADD_ONS)
def test_any_cart_agrees_with_the_model(per_user, seats, chosen):
    add_ons = tuple(
        AddOnPrice(
            code=f"a{place}",
            name=f"A{place}",
            kind=kind,
            **({"basis_points": figure} if kind is PriceKind.PERCENT else {"amount": Money(figure, "EUR")}),
        )
        for place, (kind, figure) in enumerate(chosen)
    )
    reckoned = quote(plan=PlanPrice(code="P", name="P", per_user=Money(per_user, "EUR")), seats=seats, add_ons=add_ons)
    totals, each = model(per_user, seats, chosen)
    assert [line.total.amount for line in reckoned.lines] == totals
    assert reckoned.subtotal == Money(sum(totals), "EUR")
    assert reckoned.price_per_user == Money(each, "EUR")
    assert all(line.unit * line.quantity == line.total for line in reckoned.lines)
