"""Any cart, with any tax and any coupon, against a slow model in exact fractions: equal to the cent.

KEYWRIGHT_CARTS says how many (`make trials` asks for 50,000); the seed of each run is in the message of what fails.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest
from fraction_model import Cart, reckon

from keywright_portal.domain import discounts as discounting
from keywright_portal.domain import pricing
from keywright_portal.domain.discounts import CouponTerms
from keywright_portal.domain.money import Money
from keywright_portal.domain.pricing import MAX_SEATS, AddOnPrice, PlanPrice, PriceKind, quote
from keywright_portal.domain.tax import Taxpayer, TaxRate, TaxRules, TaxTreatment, tax_treatment

CARTS = int(os.environ.get("KEYWRIGHT_CARTS", "2000"))
SEED = int(os.environ.get("KEYWRIGHT_CARTS_SEED", "20261124"))
CURRENCY = "EUR"


def amount(chance):
    """Small ones, where rounding shows; prices; and as large as the catalog file allows."""
    return chance.choice([chance.randint(0, 12), chance.randint(0, 20_000), chance.randint(0, 10**9)])


def cart(chance):
    """One cart out of all that a catalog can make."""
    add_ons = tuple(
        (kind, chance.randint(1, 10_000) if kind == "percent" else amount(chance))
        for kind in chance.choices(("percent", "per_user", "flat"), k=chance.randint(0, 4))
    )
    coupon = chance.choice([None, ("percent", chance.randint(1, 10_000)), ("amount", amount(chance))])
    seats = chance.choice([chance.randint(1, 12), chance.randint(1, 10_000), chance.randint(1, MAX_SEATS)])
    return Cart(
        per_user=amount(chance),
        seats=seats,
        add_ons=add_ons,
        coupon=coupon,
        rate=chance.choice([0, 810, 1_000, 1_900, 2_000, 2_550, chance.randint(1, 5_000)]),
        inclusive=chance.random() < 0.5,
        reverse_charge=chance.random() < 0.3,
    )


def treatment_of(given):
    rates = {"FR": TaxRate(basis_points=given.rate, name="VAT")} if given.rate else {}
    rules = TaxRules(seller_country="DE", inclusive=given.inclusive, rates=rates)
    return tax_treatment(rules=rules, taxpayer=Taxpayer(country="FR", vat_number_valid=given.reverse_charge))


def priced(given):
    add_ons = tuple(
        AddOnPrice(
            code=f"a{place}",
            name=f"A{place}",
            kind=PriceKind(kind),
            **({"basis_points": figure} if kind == "percent" else {"amount": Money(figure, CURRENCY)}),
        )
        for place, (kind, figure) in enumerate(given.add_ons)
    )
    coupon = None
    if given.coupon is not None:
        kind, figure = given.coupon
        of_kind = {"basis_points": figure} if kind == "percent" else {"amount": Money(figure, CURRENCY)}
        coupon = CouponTerms(code="C", **of_kind)
    plan = PlanPrice(code="P", name="P", per_user=Money(given.per_user, CURRENCY))
    return quote(plan=plan, seats=given.seats, add_ons=add_ons, coupon=coupon, treatment=treatment_of(given))


def disagreement(given):
    """What is wrong with the portal's figures for a cart; None where they are the model's, and add up."""
    ours, model = priced(given), reckon(given)
    parts = ("unit", "total", "discount", "net", "tax", "gross")
    lines = [tuple(getattr(line, part).amount for part in parts) for line in ours.lines]
    if lines != model.lines:
        return f"lines {lines} != {model.lines}"
    if ours.price_per_user.amount != model.price_per_user:
        return f"price per user {ours.price_per_user.amount} != {model.price_per_user}"
    for place, part in enumerate(("subtotal", "discount", "net", "tax", "gross"), start=1):
        if getattr(ours, part).amount != model.sum_of(place):
            return f"{part} {getattr(ours, part).amount} != {model.sum_of(place)}"
    if ours.net + ours.tax != ours.gross:
        return "net and tax aren't gross"
    return None


def first_disagreement():
    chance = random.Random(SEED)
    for number in range(CARTS):
        given = cart(chance)
        if (wrong := disagreement(given)) is not None:
            return f"cart {number} of seed {SEED}, {given}: {wrong}"
    return None


def test_random_carts_are_equal_to_the_cent():
    assert first_disagreement() is None


def test_the_carts_are_of_all_kinds():
    """Else agreeing means little."""
    chance = random.Random(SEED)
    carts = [cart(chance) for _number in range(2_000)]
    kinds = {
        (given.coupon and given.coupon[0], given.inclusive, given.reverse_charge, bool(given.rate)) for given in carts
    }
    assert len(kinds) == 3 * 2 * 2 * 2
    assert {kind for given in carts for kind, _figure in given.add_ons} == {"percent", "per_user", "flat"}


# ---- Each rule broken, to see that the model notices -----------------------------------------------------------------


def rounds_down(numerator, denominator):
    return numerator // denominator


def forgets_the_odd_cents(whole, *, over):
    parts = sum(part.amount for part in over)
    spent = min(whole.amount, parts)
    return tuple(Money(spent * part.amount // parts if parts else 0, whole.currency) for part in over)


reckons_a_line = pricing._line


def taxes_before_the_coupon(unit, *, total, discount, treatment):
    line = reckons_a_line(unit, total=total, discount=discount, treatment=treatment)
    tax = treatment.tax_on(total)
    return replace(line, tax=tax, gross=line.net + tax)


@pytest.mark.parametrize(
    "breaks",
    [
        lambda patch: patch.setattr("keywright_portal.domain.money.round_half_up", rounds_down),
        lambda patch: patch.setattr(discounting, "spread", forgets_the_odd_cents),
        lambda patch: patch.setattr(pricing, "_line", taxes_before_the_coupon),
        lambda patch: patch.setattr(TaxTreatment, "net_unit", lambda _treatment, unit: unit),
    ],
    ids=["rounds down", "forgets odd cents", "taxes before the coupon", "leaves prices unnetted"],
)
def test_a_rule_that_is_broken_is_noticed(monkeypatch, breaks):
    breaks(monkeypatch)
    assert first_disagreement() is not None
