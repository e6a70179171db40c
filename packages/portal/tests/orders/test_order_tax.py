"""Which tax an order bears, from the first choice to Complete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import Price, Vendor
from keywright_portal.catalog.vat import VatNumberError
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.tax import TaxKind
from keywright_portal.orders.completion import BillingDetails, Completion
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.quoting import currency_for, requote
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.start_payment import start_payment
from keywright_portal.payments.gateway import IntentState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("default_catalog")]
AUSTRIAN = "ATU13585627"
DETAILS = BillingDetails(
    name="Brightwater Logistics", country="DE", street="Kai 1", postal_code="1", city="Hafen", vat_number="", email=""
)


@pytest.fixture
def seller_in():
    """Move the vendor, and say whether its prices include tax."""

    def _seller_in(country, *, inclusive=False):
        row = Vendor.objects.get()
        vendor = VendorDetails.from_json(row.details)
        row.details = replace(vendor, country=country, prices_include_tax=inclusive).to_json()
        row.save()

    return _seller_in


@pytest.fixture
def pay(buyer, gateway, now):
    """Complete with these billing details, as a page that shows `amount_shown` does."""

    def _pay(order, *, amount_shown, save_card=False, **details):
        return start_payment(
            actor=buyer.actor,
            order_id=order.pk,
            completion=Completion(
                billing=replace(DETAILS, **details),
                purchase_order="",
                accepts_terms=True,
                save_card=save_card,
                amount_shown=amount_shown,
            ),
            gateway=gateway,
            now=now,
        )

    return _pay


@pytest.fixture
def order_in(buyer, gateway, now):
    """3 users of E20 with Premier Support, in a currency."""

    def _order_in(currency, **more):
        return choose_subscription(
            actor=buyer.actor,
            organization=buyer.organization,
            plan_code="E20",
            seats=3,
            add_on_codes=["premier-support"],
            currency=currency,
            gateway=gateway,
            now=now,
            **more,
        )

    return _order_in


def amounts(order):
    order.refresh_from_db()
    return (order.net, order.tax, order.gross)


@pytest.mark.parametrize(
    ("country", "currency"), [("DE", "EUR"), ("FR", "EUR"), ("JP", "JPY"), ("US", "USD"), ("GB", "USD"), ("", "USD")]
)
def test_the_currency_follows_from_the_country(country, currency):
    assert currency_for(country) == currency


def test_a_choice_bears_the_tax_of_the_organizations_country(order_in):
    order = order_in("EUR")
    assert amounts(order) == (33_840, 6_430, 40_270)
    assert (order.tax_kind, order.tax_basis_points, order.tax_name, order.prices_include_tax) == (
        TaxKind.TAXED,
        1_900,
        "VAT",
        False,
    )
    assert [(line.amount, line.net, line.tax, line.gross, line.tax_basis_points) for line in order.lines.all()] == [
        (28_200, 28_200, 5_358, 33_558, 1_900),
        (5_640, 5_640, 1_072, 6_712, 1_900),
    ]
    assert order.price_per_user == 11_280


def test_a_currency_without_minor_units_is_rounded_to_whole_ones(order_in, buyer):
    Organization.objects.filter(pk=buyer.organization.pk).update(country="JP")
    buyer.organization.refresh_from_db()
    order = order_in("JPY")
    assert amounts(order) == (54_720, 5_472, 60_192)
    assert order.tax_name == "Consumption tax"


def test_complete_charges_the_tax_of_the_billing_country(order_in, pay, gateway):
    order = order_in("EUR")
    intent = pay(order, country="FR", amount_shown=40_608)
    assert amounts(order) == (33_840, 6_768, 40_608)
    assert (intent.amount.amount, intent.amount.currency) == (40_608, "EUR")
    assert [line.tax for line in order.lines.all()] == [5_640, 1_128]


def test_the_currency_stays_the_orders_whatever_country_is_billed(order_in, pay):
    order = order_in("EUR")
    assert pay(order, country="US", amount_shown=33_840).amount.currency == "EUR"
    assert amounts(order) == (33_840, 0, 33_840)


def test_a_sum_that_the_page_showed_for_another_country_is_not_charged(order_in, pay, gateway):
    order = order_in("EUR")
    with pytest.raises(OrderChangedError):
        pay(order, country="FR", amount_shown=order.gross)
    assert gateway.intents == {}
    assert amounts(order) == (33_840, 6_430, 40_270)


def test_within_the_eu_a_valid_vat_number_reverses_the_charge(order_in, pay, seller_in):
    seller_in("DE")
    order = order_in("EUR")
    pay(order, country="AT", vat_number="atu 1358 5627", amount_shown=33_840)
    assert amounts(order) == (33_840, 0, 33_840)
    assert (order.tax_kind, order.tax_basis_points) == (TaxKind.REVERSE_CHARGE, 0)
    assert order.buyer["vat_number"] == AUSTRIAN


def test_inclusive_prices_are_netted_where_the_charge_is_reversed(order_in, pay, seller_in):
    seller_in("DE", inclusive=True)
    order = order_in("EUR")
    assert (order.gross, order.prices_include_tax) == (33_840, True)
    # 94.00 and 18.80 hold 20 % in Austria: 78.33 and 15.67 without.
    pay(order, country="AT", vat_number=AUSTRIAN, amount_shown=28_200)
    assert amounts(order) == (28_200, 0, 28_200)
    assert [line.unit_amount for line in order.lines.all()] == [7_833, 1_567]
    assert (order.prices_include_tax, order.price_per_user) == (False, 9_400)


def test_inclusive_prices_stay_the_same_in_each_country_and_hold_its_tax(order_in, pay, seller_in):
    seller_in("DE", inclusive=True)
    order = order_in("EUR")
    pay(order, country="FR", amount_shown=33_840)
    assert amounts(order) == (28_200, 5_640, 33_840)
    assert order.price_per_user == 9_400


def test_a_vat_number_that_is_none_is_said_at_its_field_and_nothing_begins(order_in, pay, gateway):
    order = order_in("EUR")
    with pytest.raises(VatNumberError) as refused:
        pay(order, country="AT", vat_number="ATU13585628", amount_shown=40_608)
    assert (refused.value.field, order.state, gateway.intents) == ("vat_number", OrderState.OPEN, {})
    assert str(refused.value.message) == (
        "This is no VAT number of Austria: one begins with AT, and its check digits must fit. "
        "Correct it, or leave the field empty if you have none."
    )


def test_another_country_after_complete_lets_the_first_payment_go(order_in, pay, gateway):
    order = order_in("EUR")
    first = pay(order, country="DE", amount_shown=40_270)
    second = pay(order, country="FR", amount_shown=40_608)
    assert gateway.intents[first.id].state is IntentState.CANCELED
    assert (second.amount.amount, PaymentAttempt.objects.filter(closed_at=None).count()) == (40_608, 1)


def test_going_back_keeps_the_tax_of_the_billing_details_and_the_same_choice_the_payment(order_in, pay, gateway):
    order = order_in("EUR")
    intent = pay(order, country="FR", amount_shown=40_608)
    again = order_in("EUR")
    assert (again.pk, again.gross, again.state) == (order.pk, 40_608, OrderState.PAYING)
    assert gateway.intents[intent.id].state is not IntentState.CANCELED


def test_a_price_that_changed_is_said_to_have_changed(order_in, pay, now):
    order = order_in("EUR")
    old = Price.objects.get(plan__code="E20", currency="EUR", superseded_at=None)
    Price.objects.filter(pk=old.pk).update(superseded_at=now)
    Price.objects.create(plan=old.plan, kind="per_user", currency="EUR", amount=9_500, created_at=now)
    with pytest.raises(OrderChangedError) as refused:
        pay(order, country="DE", amount_shown=order.gross)
    assert "price has changed" in str(refused.value.message)


@pytest.mark.parametrize(
    ("country", "vat_number", "gross"),
    [("DE", "", 40_270), ("FR", "", 40_608), ("US", "", 33_840), ("AT", AUSTRIAN, 33_840), ("AT", "ATU1", 40_608)],
)
def test_what_the_payment_page_asks_changes_nothing(order_in, seller_in, country, vat_number, gross):
    seller_in("DE")
    order = order_in("EUR")
    assert requote(order=order, country=country, vat_number=vat_number).quote.gross.amount == gross
    assert amounts(order) == (33_840, 6_430, 40_270)


def test_completing_again_writes_no_line_anew(order_in, pay):
    order = order_in("EUR")
    pay(order, country="FR", amount_shown=40_608)
    before = [line.pk for line in order.lines.all()]
    pay(order, country="FR", amount_shown=40_608)
    assert [line.pk for line in order.lines.all()] == before
