"""Billing details decide the total; and it can be paid by invoice with bank transfer."""

from __future__ import annotations

import re

import pytest
from storefront import Site, words

from keywright_portal.accounts.models import Organization, Role
from keywright_portal.billing.models import CardTry, Invoice
from keywright_portal.catalog.models import Vendor
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import OrderState, PaymentProblem
from keywright_portal.payments.gateway import IntentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def says(catalog):
    """Change what the vendor's catalog says."""

    def _says(**details):
        row = Vendor.objects.get()
        row.details.update(details)
        row.save()

    return _says


@pytest.fixture
def invoiced(site):
    """An order of 200 users of E20 with Premier Support, completed by invoice."""

    def _invoiced(**changes):
        order = site.choose()
        answer = site.start(order, pay="transfer", **changes)
        assert answer.json() == {"go": site.url("order-invoiced", order_id=order.pk)}, answer.content
        order.refresh_from_db()
        return order

    return _invoiced


def said(answer):
    """As `words`, with spaces of one kind."""
    return re.sub(r"\s", " ", words(answer))


def amounts(site, order, **details):
    return site.post("payment-amounts", details, order_id=order.pk)


# ---- The total -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("default_catalog")
def test_the_total_follows_the_country_and_the_currency_stays(site):
    order = site.choose()
    german = said(amounts(site, order, country="DE"))
    french = said(amounts(site, order, country="FR"))
    american = said(amounts(site, order, country="US"))

    assert "VAT 19 % €4,286.40" in german
    assert "Your card is charged €26,846.40 once." in german
    assert "You owe €26,846.40 by 11 April 2026." in german
    assert "VAT 20 % €4,512.00" in french
    assert "€22,560.00" in american
    assert Organization.objects.get(pk=site.organization.pk).country == "DE"


@pytest.mark.usefixtures("default_catalog")
def test_a_valid_vat_number_of_another_state_means_reverse_charge(site, says):
    says(country="DE")
    order = site.choose()
    answer = amounts(site, order, country="FR", vat_number="FR 40 303 265 045")

    assert "Valid, so no VAT is added" in words(answer)
    assert 'value="2256000"' in answer.content.decode()
    assert "VAT, reverse charge" in words(answer)


@pytest.mark.usefixtures("default_catalog")
@pytest.mark.parametrize("number", ["FR40303265046", "nonsense"])
def test_a_vat_number_that_is_none_is_said_at_its_field_and_counts_as_none(site, says, number):
    says(country="DE")
    order = site.choose()
    answer = amounts(site, order, country="FR", vat_number=number)

    assert "This is no VAT number of France" in words(answer)
    assert "Valid" not in words(answer)
    assert 'value="2707200"' in answer.content.decode()
    refused = site.start(order, country="FR", vat_number=number, amount_shown=2_707_200)
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["vat_number"]


@pytest.mark.usefixtures("default_catalog")
def test_what_the_page_shows_is_what_is_charged_and_nothing_else(site, provider):
    order = site.choose()
    refused = site.start(order, country="DE", amount_shown=2_256_000)
    assert refused.status_code == 409
    assert provider.intents == {}

    assert site.start(order, country="DE", amount_shown=2_684_640).status_code == 200
    assert [intent.amount.amount for intent in provider.intents.values()] == [2_684_640]


@pytest.mark.usefixtures("default_catalog")
def test_the_page_begins_with_the_total_for_what_is_known(site):
    page = site.get("payment", order_id=site.choose().pk)

    assert "VAT 19 % €4,286.40" in said(page)
    assert 'name="amount_shown" id="id_amount_shown" value="2684640"' in page.content.decode()
    assert 'data-amount="2684640"' in page.content.decode()


def test_a_coupon_stays_on_the_page(site):
    order = site.choose(coupon="WELCOME10")

    assert "Coupon WELCOME10 −$2,448.00" in words(site.get("payment", order_id=order.pk))
    assert "Coupon WELCOME10 −$2,448.00" in words(amounts(site, order, country="US"))


def test_tax_that_lifts_the_total_above_what_a_card_carries_is_told_to_the_script(site, says):
    says(tax_rates={"DE": {"basis_points": 1_900, "name": "VAT"}})
    order = site.choose(seats="8169")
    Organization.objects.filter(pk=site.organization.pk).update(country="US")

    assert "data-too-large" not in amounts(site, order, country="US").content.decode()
    assert "data-too-large" in amounts(site, order, country="DE").content.decode()


@pytest.mark.parametrize("details", [{"country": "XX"}, {"country": ""}, {}, {"vat_number": "x" * 99}])
def test_nonsense_counts_as_nothing(site, details):
    answer = amounts(site, site.choose(), **details)

    assert "$24,480.00" in words(answer)


def test_a_strangers_order_is_not_reckoned(site, stranger, site_of):
    order = site.choose()
    assert amounts(site_of(Role.MEMBER), order, country="DE").status_code == 403
    order.organization = stranger.organization
    order.save(update_fields=["organization"])
    assert amounts(site, order, country="DE").status_code == 404


def test_an_order_that_is_done_leads_to_where_it_is(bought, site):
    order = bought()

    assert amounts(site, order, country="DE").headers["HX-Redirect"] == site.url("payment-return", order_id=order.pk)


# ---- By invoice ------------------------------------------------------------------------------------------------------


def test_both_ways_stand_on_the_page_with_what_each_brings(site):
    page = said(site.get("payment", order_id=site.choose().pk))

    assert "Card License at once" in page
    assert "Invoice License at once, for 45 days" in page
    assert "Your license key is ready to download at once and runs 45 days." in page
    assert "Send the invoice to" in page
    assert "You owe $24,480.00 by 11 April 2026. Nothing is charged now." in page


def test_without_a_license_before_payment_the_page_says_so(site, says):
    says(license_before_payment=False)
    page = words(site.get("payment", order_id=site.choose().pk))

    assert "Invoice License when paid" in page
    assert "as soon as the money arrives, usually 1 to 3 working days after you send it" in page


def test_where_no_transfer_is_offered_the_billing_team_is(site, says, provider):
    says(transfer_offered=False)
    order = site.choose()
    page = site.get("payment", order_id=order.pk)
    assert "Invoices with bank transfer are arranged with our billing team." in words(page)
    assert "data-not-offered" in page.content.decode()

    answer = site.start(order, pay="transfer")
    assert answer.status_code == 409
    assert "Nothing was charged" in answer.json()["note"]
    assert Invoice.objects.count() == 0

    too_large = site.choose(seats="2147483647")
    assert "Ask for an invoice" in words(site.get("payment", order_id=too_large.pk))


def test_complete_by_invoice_gives_invoice_and_license_and_charges_nothing(site, invoiced, provider):
    order = invoiced()
    page = said(site.get("order-invoiced", order_id=order.pk))
    invoice = Invoice.objects.get()

    assert (order.state, order.purchase_order, provider.intents) == (OrderState.INVOICED, "PO-2026-1187", {})
    assert f"Pay invoice {invoice.number} by bank transfer until 11 April 2026." in page
    assert "It is on its way to licensing@brightwater.example too." in page
    assert "Download the license key It runs until 25 April 2026." in page
    assert "Amount $24,480.00 Due 11 Apr 2026" in page
    assert f"Reference {invoice.number}" in page
    vendor = Vendor.objects.get().details["bank"]
    assert f"Account holder {vendor['account_holder']}" in page
    assert f"BIC {vendor['bic']}" in page
    assert re.search(r"IBAN \w{4} \w{4}", page)
    pdf = site.client.get(site.url("invoice-pdf", invoice_id=invoice.pk))
    assert pdf.content.startswith(b"%PDF")
    file = LicenseFile.objects.get(position=0)
    assert site.client.get(site.url("license-download", file_id=file.pk)).content == bytes(file.content)


def test_without_a_license_before_payment_the_invoice_is_what_there_is(site, invoiced, says):
    says(license_before_payment=False)
    order = invoiced()
    page = words(site.get("order-invoiced", order_id=order.pk))

    assert "Download the invoice" in page
    assert "Download the license key" not in page
    assert LicenseFile.objects.count() == 0


def test_the_invoice_goes_where_it_is_wanted(invoiced):
    order = invoiced(invoice_email="accounts.payable@brightwater.example")
    mail = OutboxMail.objects.get(key=f"invoice:{Invoice.objects.get().pk}:sent")

    assert mail.to == "accounts.payable@brightwater.example"
    assert mail.attachment_name == f"{Invoice.objects.get().number}.pdf"
    assert bytes(mail.attachment) == bytes(Invoice.objects.get().pdf)
    assert order.buyer["email"] == "licensing@brightwater.example"


def test_an_invoice_address_is_for_invoices_alone(site):
    order = site.choose()
    site.start(order, invoice_email="accounts.payable@brightwater.example")
    order.refresh_from_db()

    assert order.buyer["invoice_email"] == ""


def test_twice_is_one_invoice(site, invoiced):
    order = invoiced()
    again = site.start(order, pay="transfer")

    assert again.json() == {"go": site.url("order-invoiced", order_id=order.pk)}
    assert Invoice.objects.count() == 1


def test_an_invoiced_order_is_shown_wherever_it_is_asked_for(site, invoiced):
    order = invoiced()
    there = site.url("order-invoiced", order_id=order.pk)

    for name in ("payment", "payment-return"):
        assert site.get(name, order_id=order.pk).url == there
    assert site.start(order).json() == {"go": site.url("payment-return", order_id=order.pk)}
    assert site.client.get(site.url("license-ready", order_id=order.pk), follow=True).redirect_chain[-1][0] == there
    assert site.post("payment-problem", order_id=order.pk).json() == {
        "go": site.url("payment-return", order_id=order.pk)
    }


def test_an_order_that_is_not_invoiced_has_no_such_page(bought, site, stranger):
    order = site.choose()
    assert site.get("order-invoiced", order_id=order.pk).url == site.url("payment", order_id=order.pk)
    done = bought()
    assert site.client.get(site.url("order-invoiced", order_id=done.pk), follow=True).redirect_chain[-1][0] == site.url(
        "license-ready", order_id=done.pk
    )
    done.organization = stranger.organization
    done.save(update_fields=["organization"])
    assert site.get("order-invoiced", order_id=done.pk).status_code == 404


def test_a_card_payment_that_was_begun_is_let_go_first(site, provider):
    order = site.choose()
    site.start(order)
    answer = site.start(order, pay="transfer")

    assert answer.json() == {"go": site.url("order-invoiced", order_id=order.pk)}
    assert [intent.state for intent in provider.intents.values()] == [IntentState.CANCELED]


def test_a_card_payment_that_cannot_be_let_go_now_gets_a_reference(site, provider):
    order = site.choose()
    site.start(order)
    provider.fail_next = True
    answer = site.start(order, pay="transfer")

    assert answer.status_code == 409
    assert PaymentProblem.objects.get().reference in answer.json()["note"]
    assert Invoice.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"accepts_terms": ""}, "accepts_terms"),
        ({"invoice_email": "nobody"}, "invoice_email"),
        ({"street": ""}, "street"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_invoiced(site, changes, field):
    answer = site.start(site.choose(), pay="transfer", **changes)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert Invoice.objects.count() == 0


def test_an_invoice_is_no_try_of_a_card(invoiced):
    invoiced()
    assert CardTry.objects.count() == 0


def test_above_eight_digits_the_invoice_is_the_way(site, provider):
    order = site.choose(seats="2147483647")
    answer = site.start(order, pay="transfer")

    assert answer.json() == {"go": site.url("order-invoiced", order_id=order.pk)}
    assert Invoice.objects.get().gross == 26_285_199_839_280
    assert "$262,851,998,392.80" in words(site.get("order-invoiced", order_id=order.pk))


def test_who_may_buy_and_not_download_sees_the_invoice(site, site_of, invoiced):
    order = invoiced()
    page = words(site_of(Role.BILLING).get("order-invoiced", order_id=order.pk))

    assert "Download the invoice" in page
    assert "Download the license key" not in page


def test_a_member_invoices_nothing(site, site_of):
    order = site.choose()
    member = Site(site_of(Role.MEMBER).client, site.organization)

    assert member.start(order, pay="transfer").status_code == 403
    assert Invoice.objects.count() == 0
