"""Choosing where there are currencies, taxes and coupons, as the server sees it."""

from __future__ import annotations

import pytest
from storefront import CHOICE, words

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import Coupon, Vendor
from keywright_portal.orders.models import CouponUse, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_country(site):
    def _in_country(code, **details):
        Organization.objects.filter(pk=site.organization.pk).update(country=code, **details)

    return _in_country


@pytest.fixture
def everything(site, default_catalog):
    """The catalog as it comes, applied after the plain one."""
    return site


def test_prices_and_total_are_in_the_organizations_currency_with_its_tax(everything):
    page = words(everything.get("buy"))
    assert "E10 €36.00 per user, per year" in page
    assert "Premier Support €18.80 per user, per year" in page
    assert "1 user × €36.00 Subtotal €36.00 VAT 19 % €6.84 Total for 12 months €42.84" in page


@pytest.mark.parametrize(
    ("country", "summary"),
    [
        ("US", "Subtotal $39.00 Tax $0.00 Total for 12 months $39.00"),
        ("JP", "Subtotal ¥5,800 Consumption tax 10 % ¥580 Total for 12 months ¥6,380"),
        ("FI", "Subtotal €36.00 VAT 25.5 % €9.18 Total for 12 months €45.18"),
        ("GB", "Subtotal $39.00 VAT 20 % $7.80 Total for 12 months $46.80"),
    ],
)
def test_each_country_has_its_own(everything, in_country, country, summary):
    in_country(country)
    assert summary in words(everything.get("buy"))


def test_what_is_chosen_is_ordered_in_that_currency(everything):
    order = everything.choose()
    assert (order.currency, order.net, order.gross) == ("EUR", 2_256_000, 2_684_640)


def test_a_coupon_shows_in_the_summary_and_is_ordered(everything):
    answer = everything.get("buy-summary", query={**CHOICE, "coupon": "welcome10"})
    assert "Subtotal €22,560.00 Coupon WELCOME10 −€2,256.00 VAT 19 % €3,857.76 Total for 12 months €24,161.76" in words(
        answer
    )
    order = everything.choose(coupon="welcome10")
    assert (order.coupon.code, order.discount, order.gross) == ("WELCOME10", 225_600, 2_416_176)
    assert CouponUse.objects.count() == 0


def test_the_page_remembers_the_coupon_of_an_unfinished_order(everything):
    everything.choose(coupon="WELCOME10")
    assert 'name="coupon" form="buy-form" maxlength="60"' in everything.get("buy").content.decode()
    assert 'value="WELCOME10"' in everything.get("buy").content.decode()


def test_a_coupon_that_cant_be_used_is_said_beside_its_field_and_the_summary_is_without_it(everything):
    answer = everything.get("buy-summary", query={**CHOICE, "coupon": "NOPE"})
    page = answer.content.decode()
    assert "There is no coupon NOPE. Check how it is written, or leave the field empty." in words(answer)
    assert 'id="coupon-errors" hx-swap-oob="innerHTML"' in page
    assert "Total for 12 months €26,846.40" in words(answer)
    assert "Coupon NOPE −" not in words(answer)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("NOPE", "There is no coupon NOPE."),
        ("PILOT", "Coupon PILOT isn’t for E10, but for E20."),
        ("<script>alert(1)</script>", "There is no coupon <script>alert(1)</script>."),
        ("N" * 500, f"There is no coupon {'N' * 40}."),
    ],
)
def test_next_step_with_such_a_coupon_makes_no_order(everything, code, sentence):
    answer = everything.post("buy", {"plan": "E10", "seats": "2", "coupon": code})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in words(answer).replace("&lt;", "<")
    assert 'aria-describedby="coupon-errors" aria-invalid="true"' in page
    assert "<script>alert" not in page
    assert Order.objects.count() == 0


def test_a_coupon_that_is_used_up_says_so(everything):
    Coupon.objects.filter(code="WELCOME10").update(use_limit=0)
    assert "Coupon WELCOME10 is used up" in words(everything.post("buy", {**CHOICE, "coupon": "WELCOME10"}))
    assert Order.objects.count() == 0


@pytest.fixture
def seller(everything):
    """Another vendor's country, and whether its prices include tax."""

    def _seller(country, *, inclusive=False):
        row = Vendor.objects.get()
        row.details |= {"country": country, "prices_include_tax": inclusive}
        row.save()

    return _seller


def test_inclusive_prices_say_what_they_hold(everything, seller):
    seller("DE", inclusive=True)
    page = words(everything.get("buy"))
    assert "1 user × €36.00 Subtotal €36.00 Total for 12 months €36.00 VAT 19 % included: €5.75" in page


def test_a_reversed_charge_says_who_owes_the_tax(everything, seller, in_country):
    seller("DE", inclusive=True)
    in_country("AT", vat_number="ATU13585627")
    page = words(everything.get("buy"))
    assert "1 user × €30.00 Subtotal €30.00 VAT, reverse charge €0.00 Total for 12 months €30.00" in page
    assert "Reverse charge: the recipient owes the VAT (Articles 44 and 196 of Council Directive 2006/112/EC)." in page


def test_a_sum_that_no_card_carries_points_to_the_invoice(everything):
    answer = everything.get("buy-summary", query={**CHOICE, "seats": "100000"})
    assert "When you go on, you get an invoice to pay by bank transfer." in words(answer)


@pytest.mark.parametrize("unfinished", [False, True])
def test_the_pages_cost_at_most_ten_queries(everything, django_assert_max_num_queries, unfinished):
    if unfinished:
        everything.choose(coupon="WELCOME10")
    for page, query in (("buy", None), ("buy-summary", {**CHOICE, "coupon": "PILOT"})):
        everything.get(page, query=query)
        with django_assert_max_num_queries(10):
            everything.get(page, query=query)
