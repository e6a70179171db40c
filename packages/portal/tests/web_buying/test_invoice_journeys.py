"""The total that follows the billing details, and paying by invoice, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from shopper import DECLINED, GOOD

from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.catalog.models import Vendor
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt

pytestmark = pytest.mark.django_db(transaction=True)

FRENCH_VAT = "FR 40 303 265 045"
WITHOUT_TAX, GERMAN, FRENCH = "€18,800.00", "€22,372.00", "€22,560.00"
"""200 users of E20, and with 19 % and 20 % of VAT on top."""


@pytest.fixture
def seller_in_germany(default_catalog):
    row = Vendor.objects.get()
    row.details["country"] = "DE"
    row.save()


def pay_by_invoice(shopper):
    shopper.page.locator("label:has(#pay-transfer)").click()


def charged(shopper):
    return shopper.page.locator("#promise .portal-by-card")


def test_an_invoice_gives_the_license_at_once_and_charges_nothing(shopper):
    shopper.choose(premier=True)
    shopper.fill_in(card=None)
    expect(shopper.page.locator("aside")).to_contain_text("Total due today")
    pay_by_invoice(shopper)
    expect(shopper.page.locator("#summary .portal-by-transfer")).to_have_text("Total due in 30 days")
    expect(shopper.page.get_by_text("Total due today")).to_be_hidden()
    expect(shopper.page.locator("#promise")).to_contain_text("Nothing is charged now.")
    shopper.page.get_by_label("Purchase order").fill("PO-2026-1187")
    shopper.page.get_by_label("Send the invoice to").fill("accounts.payable@brightwater.example")
    shopper.complete()
    shopper.has_invoice()

    invoice = Invoice.objects.get()
    with shopper.page.expect_download() as started:
        shopper.page.get_by_role("link", name="Download the license key").click()
    assert started.value.path().read_bytes() == bytes(LicenseFile.objects.get(position=0).content)
    expect(shopper.page.locator("main")).to_contain_text(f"Pay invoice {invoice.number} by bank transfer")
    assert (invoice.purchase_order, invoice.paid_at) == ("PO-2026-1187", None)
    assert OutboxMail.objects.get(key=f"invoice:{invoice.pk}:sent").to == "accounts.payable@brightwater.example"
    assert (Order.objects.get().state, PaymentAttempt.objects.count()) == (OrderState.INVOICED, 0)
    assert shopper.complaints == []

    shopper.page.go_back()
    shopper.has_invoice()


def test_a_double_click_is_one_invoice(shopper):
    shopper.choose()
    shopper.fill_in(card=None)
    pay_by_invoice(shopper)
    shopper.page.get_by_role("button", name="Complete").dblclick()
    shopper.has_invoice()

    assert Invoice.objects.count() == 1


def test_what_is_missing_is_said_also_for_an_invoice(shopper):
    shopper.choose()
    pay_by_invoice(shopper)
    shopper.page.get_by_label("Send the invoice to").fill("nobody")
    shopper.complete()
    street = shopper.page.get_by_label("Street and number")
    expect(street).to_be_focused()
    expect(shopper.page.get_by_label("Send the invoice to")).to_have_accessible_description(
        "Enter a valid email address."
    )
    assert Invoice.objects.count() == 0


def test_after_a_declined_card_an_invoice_can_be_had(shopper):
    shopper.choose()
    shopper.fill_in(DECLINED)
    shopper.complete()
    shopper.is_told("Your bank declined this card")
    pay_by_invoice(shopper)
    shopper.complete()
    shopper.has_invoice()

    assert (Invoice.objects.count(), Payment.objects.count()) == (1, 0)


def test_the_total_follows_country_and_vat_number_and_is_what_is_paid(seller_in_germany, shopper):
    shopper.choose()
    summary, vat_number = shopper.page.locator("#summary"), shopper.page.get_by_label("VAT number")
    expect(summary).to_contain_text(GERMAN)
    shopper.page.get_by_label("Country").select_option("FR")
    expect(summary).to_contain_text(FRENCH)
    expect(charged(shopper)).to_contain_text(FRENCH)
    vat_number.fill("FR 123")
    vat_number.blur()
    expect(vat_number).to_have_attribute("aria-invalid", "true")
    expect(shopper.page.locator("#id_vat_number_error")).to_contain_text("This is no VAT number of France")
    vat_number.fill(FRENCH_VAT)
    vat_number.blur()
    expect(shopper.page.locator("#vat-hint")).to_contain_text("Valid, so no VAT is added")
    expect(shopper.page.locator("#id_vat_number_error")).to_be_empty()
    expect(summary).to_contain_text("VAT, reverse charge")
    expect(charged(shopper)).to_contain_text(WITHOUT_TAX)
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()

    invoice = Invoice.objects.get()
    assert (invoice.gross, invoice.tax, invoice.currency, invoice.tax_kind) == (1_880_000, 0, "EUR", "reverse_charge")
    assert Payment.objects.get().amount == 1_880_000
    assert shopper.complaints == []


def test_nobody_pays_a_total_that_they_have_not_seen(seller_in_germany, shopper):
    shopper.choose()
    shopper.fill_in(GOOD)
    shopper.page.route("**/payment/amounts/", lambda route: (shopper.page.wait_for_timeout(400), route.continue_()))
    shopper.page.get_by_label("Country").select_option("FR")
    shopper.complete()
    shopper.is_told("The total has changed")
    expect(shopper.page.locator("#summary")).to_contain_text(FRENCH)
    assert PaymentAttempt.objects.count() == 0

    shopper.complete()
    shopper.has_license()
    assert Payment.objects.get().amount == 2_256_000


def test_tax_that_a_card_cannot_carry_leaves_the_invoice(seller_in_germany, shopper):
    """8,900 users cost €836,600 before tax and €995,554 with 19 % of it; with 20 % they are above eight digits."""
    shopper.choose(users="8900")
    expect(shopper.page.locator("#summary")).to_contain_text("€995,554.00")
    shopper.page.get_by_label("Country").select_option("FR")
    expect(shopper.page.locator("#pay-card")).to_be_disabled()
    expect(shopper.page.locator("#pay-transfer")).to_be_checked()
    expect(shopper.page.get_by_text("This total is more than a card payment can carry")).to_be_visible()
    assert shopper.judge() == []
    shopper.page.get_by_label("Country").select_option("DE")
    expect(shopper.page.locator("#pay-card")).to_be_enabled()
    expect(shopper.page.get_by_text("This total is more than a card payment can carry")).to_be_hidden()
