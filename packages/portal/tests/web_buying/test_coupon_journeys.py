"""Choosing with a coupon in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from keywright_portal.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopper(default_catalog, shopper):
    """With currencies, taxes and coupons."""
    return shopper


def test_the_summary_follows_the_coupon_as_it_is_typed(shopper):
    shopper.open("buy/")
    page, summary = shopper.page, shopper.page.locator("#summary")
    page.evaluate("window.sameDocument = true")
    coupon = page.get_by_label("Coupon")

    coupon.press_sequentially("welcome10")
    expect(summary).to_contain_text("Coupon WELCOME10")
    expect(summary).to_contain_text("−€3.60")
    expect(summary).to_contain_text("€38.56")
    coupon.fill("WELCOME11")
    expect(page.locator("#coupon-errors")).to_contain_text("There is no coupon WELCOME11.")
    expect(coupon).to_have_attribute("aria-invalid", "true")
    expect(summary).to_contain_text("€42.84")
    coupon.fill("PILOT")
    expect(page.locator("#coupon-errors")).to_contain_text("Coupon PILOT isn’t for E10, but for E20.")
    page.locator("label[for=plan-E20]").click()
    expect(page.locator("#coupon-errors")).to_be_empty()
    expect(coupon).not_to_have_attribute("aria-invalid", "true")
    expect(summary).to_contain_text("−€90.00")
    coupon.fill("")
    expect(summary).not_to_contain_text("Coupon")
    assert page.evaluate("window.sameDocument") is True
    assert shopper.complaints == []


def test_a_wrong_coupon_stops_next_step_and_a_right_one_goes_on(shopper):
    shopper.open("buy/")
    page = shopper.page
    page.get_by_label("Number of users").fill("20")
    page.get_by_label("Coupon").fill("NOPE")
    page.get_by_role("button", name="Next Step").click()
    expect(page.locator("#coupon-errors")).to_contain_text("There is no coupon NOPE.")
    expect(page.get_by_label("Coupon")).to_have_value("NOPE")
    page.get_by_label("Coupon").fill("welcome10")
    page.get_by_role("button", name="Next Step").click()
    page.wait_for_url(re.compile("/payment/"))
    assert Order.objects.get().discount == 7_200
    shopper.open("buy/")
    expect(page.locator("#summary")).to_contain_text("Coupon WELCOME10")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_with_a_coupon_is_accessible_and_fits(look_at, default_catalog, scheme, width):
    shopper = look_at(width=width, scheme=scheme)
    shopper.open("buy/")
    page = shopper.page
    page.get_by_label("Coupon").fill("NOPE")
    page.get_by_label("Coupon").blur()
    expect(page.locator("#coupon-errors")).to_contain_text("There is no coupon NOPE.")
    assert shopper.judge() == []
    page.get_by_label("Coupon").fill("WELCOME10")
    page.get_by_label("Coupon").blur()
    expect(page.locator("#summary")).to_contain_text("Coupon WELCOME10")
    assert shopper.judge() == []
