from __future__ import annotations

from pathlib import Path

import pytest
from small_catalog import read

from keywright_portal.catalog import selectors
from keywright_portal.catalog.errors import AddOnNotOfferedError, NoCatalogError, NoLongerSoldError
from keywright_portal.catalog.models import AddOn, Plan, PolicyKind, Price, Product
from keywright_portal.catalog.services.apply_catalog import apply_catalog
from keywright_portal.domain.money import Money
from keywright_portal.domain.pricing import AddOnPrice, PlanPrice, PriceKind
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import NotFoundError


@pytest.fixture
def small(db, folder, now) -> Path:
    apply_catalog(catalog=read(folder), actor=system("test"), now=now)
    return folder


def test_nothing_is_offered_before_a_catalog_is_applied(db):
    assert selectors.offered_plans(currency="EUR") == ()
    with pytest.raises(NoCatalogError) as caught:
        selectors.vendor()
    assert str(caught.value) == "No catalog was applied yet. Apply a catalog: keywright catalog apply FILE"
    with pytest.raises(NoCatalogError):
        selectors.current_policy(PolicyKind.TERMS)


def test_the_vendor_takes_one_query(small, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert selectors.vendor() == read(small).vendor


def test_plans_are_offered_in_the_files_order_with_their_add_ons(small):
    basic, pro = selectors.offered_plans(currency="EUR")
    support = AddOnPrice(code="support", name="Support", kind=PriceKind.PERCENT, basis_points=2000)
    training = AddOnPrice(code="training", name="Training", kind=PriceKind.FLAT, amount=Money(50000, "EUR"))

    assert basic.price == PlanPrice(code="basic", name="Server Basic", per_user=Money(3900, "EUR"))
    assert [offered.price for offered in basic.add_ons] == [training]
    assert pro.price == PlanPrice(code="pro", name="Server Pro", per_user=Money(10200, "EUR"))
    assert [offered.price for offered in pro.add_ons] == [support, training]


def test_what_has_no_price_in_a_currency_is_left_out_there(small):
    (pro,) = selectors.offered_plans(currency="JPY")

    assert pro.price.per_user == Money(15000, "JPY")
    assert [offered.add_on.code for offered in pro.add_ons] == ["support"]
    assert selectors.offered_plans(currency="USD") == ()


def test_offering_takes_two_queries_however_much_is_sold(small, now, django_assert_num_queries):
    product = Product.objects.get()
    for number in range(30):
        plan = Plan.objects.create(product=product, code=f"P{number}", name="P", summary="S")
        add_on = AddOn.objects.create(product=product, code=f"a{number}", name="A", summary="S")
        add_on.offered_with.set([plan])
        for owner in ({"plan": plan}, {"add_on": add_on}):
            Price.objects.create(**owner, kind="per_user", currency="EUR", amount=100, created_at=now)

    with django_assert_num_queries(2):
        offered = selectors.offered_plans(currency="EUR")
        names = [f"{one.plan.product.name} {one.plan.name} {len(one.add_ons)}" for one in offered]
    with django_assert_num_queries(2):
        selectors.offered_plan(code="pro", currency="EUR")

    assert len(names) == 32


def test_a_plan_that_was_withdrawn_is_no_longer_sold(small, now):
    Plan.objects.filter(code="pro").update(withdrawn_at=now)

    with pytest.raises(NoLongerSoldError) as caught:
        selectors.offered_plan(code="pro", currency="EUR")

    assert str(caught.value) == "Server Pro is no longer sold. Choose another subscription type."
    assert (caught.value.code, caught.value.field) == ("no_longer_sold", "plan")
    assert [offered.plan.code for offered in selectors.offered_plans(currency="EUR")] == ["basic"]


def test_a_plan_of_a_withdrawn_product_is_no_longer_sold(small, now):
    Product.objects.update(withdrawn_at=now)

    with pytest.raises(NoLongerSoldError):
        selectors.offered_plan(code="pro", currency="EUR")


def test_a_plan_without_a_price_in_the_currency_is_no_longer_sold(small):
    with pytest.raises(NoLongerSoldError):
        selectors.offered_plan(code="basic", currency="JPY")


def test_a_plan_that_never_was_is_not_found(small):
    with pytest.raises(NotFoundError) as caught:
        selectors.offered_plan(code="gold", currency="EUR")

    assert (caught.value.code, caught.value.field) == ("not_found", "plan")


def test_chosen_add_ons_come_in_the_catalogs_order_and_once(small):
    pro = selectors.offered_plan(code="pro", currency="EUR")

    assert [offered.add_on.code for offered in pro.add_ons_for(["training", "support", "training"])] == [
        "support",
        "training",
    ]
    assert pro.add_ons_for([]) == ()


def test_an_add_on_of_another_plan_is_not_offered(small):
    basic = selectors.offered_plan(code="basic", currency="EUR")

    with pytest.raises(AddOnNotOfferedError) as caught:
        basic.add_ons_for(["support"])

    assert str(caught.value) == (
        "Support isn’t offered with Server Basic. Choose another subscription type, or leave it out."
    )
    assert (caught.value.code, caught.value.field) == ("add_on_not_offered", "add_ons")


def test_a_withdrawn_add_on_is_no_longer_sold(small, now):
    AddOn.objects.filter(code="support").update(withdrawn_at=now)
    pro = selectors.offered_plan(code="pro", currency="EUR")

    with pytest.raises(NoLongerSoldError) as caught:
        pro.add_ons_for(["support"])

    assert str(caught.value) == "Support is no longer sold. Leave it out to go on."
    assert (caught.value.code, caught.value.field) == ("no_longer_sold", "add_ons")


def test_an_add_on_without_a_price_in_the_currency_is_no_longer_sold(small):
    with pytest.raises(NoLongerSoldError):
        selectors.offered_plan(code="pro", currency="JPY").add_ons_for(["training"])


def test_an_add_on_that_never_was_is_not_found(small):
    with pytest.raises(NotFoundError) as caught:
        selectors.offered_plan(code="pro", currency="EUR").add_ons_for(["gold"])

    assert (caught.value.code, caught.value.field) == ("not_found", "add_ons")


def test_a_version_of_a_policy_stays_to_be_read(small, now):
    assert selectors.policy(PolicyKind.TERMS, "2026-01").text == "The Terms."
    with pytest.raises(NotFoundError) as caught:
        selectors.policy(PolicyKind.TERMS, "1999")
    assert str(caught.value) == "There is no such version. Open the version that is in force instead."
