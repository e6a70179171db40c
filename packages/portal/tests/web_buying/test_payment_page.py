"""Billing and payment, as the server sees it: what the page's script asks, and what it is told."""

from __future__ import annotations

import re

import pytest
from storefront import BILLING, Site, words

from keywright_portal.accounts.models import Organization, Role
from keywright_portal.catalog.models import Price
from keywright_portal.domain.money import Money
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import OrderState, PaymentAttempt, PaymentProblem
from keywright_portal.payments.gateway import IntentState

pytestmark = pytest.mark.django_db


def intent_of(order):
    return order.attempts.order_by("-number").first().intent_id


def test_the_page_shows_the_order_and_knows_the_organization(site):
    Organization.objects.filter(pk=site.organization.pk).update(street="Speicherweg 14", city="Hamburg")
    order = site.choose()
    page = site.get("payment", order_id=order.pk)

    assert "Total due today Total due in 30 days $24,480.00" in words(page)
    assert "Your card is charged $24,480.00 once." in words(page)
    assert 'value="Speicherweg 14"' in page.content.decode()
    assert 'name="amount_shown" id="id_amount_shown" value="2448000"' in page.content.decode()
    assert 'data-amount="2448000"' in page.content.decode()
    assert "(version 2026-01; the link opens a new tab)" in words(page)
    assert page.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_the_page_has_nothing_inline(site):
    order = site.choose()
    page = site.get("payment", order_id=order.pk)

    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.content.decode()) == []
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_complete_gives_the_script_what_it_confirms(site, provider):
    order = site.choose()
    answer = site.start(order)

    assert answer.json() == {
        "client_secret": "secret",
        "return_url": f"http://testserver{site.url('payment-return', order_id=order.pk)}",
        "save_card": False,
        "payment_method": None,
    }
    order.refresh_from_db()
    assert (order.state, order.buyer["city"], order.purchase_order) == (OrderState.PAYING, "Hamburg", "PO-2026-1187")
    assert provider.intents[intent_of(order)].amount == Money(2_448_000, "USD")


def test_the_organization_takes_the_address_that_it_had_not_given(site):
    order = site.choose()
    site.start(order)

    organization = Organization.objects.get(pk=site.organization.pk)
    assert (organization.street, organization.postal_code, organization.city) == ("Speicherweg 14", "20457", "Hamburg")
    assert organization.billing_email == "licensing@brightwater.example"
    assert organization.name == "Brightwater Logistics"


def test_an_address_that_it_had_given_stays(site):
    Organization.objects.filter(pk=site.organization.pk).update(street="Am Sandtorkai 1", city="Hamburg")
    site.start(site.choose())

    assert Organization.objects.get(pk=site.organization.pk).street == "Am Sandtorkai 1"


def test_for_the_next_order_a_biller_finds_the_last_ones_address(bought, site, site_of, provider):
    bought()
    Organization.objects.filter(pk=site.organization.pk).update(street="", city="", postal_code="")
    biller = site_of(Role.BILLING)
    order = biller.choose(seats="3")

    assert 'value="Speicherweg 14"' in biller.get("payment", order_id=order.pk).content.decode()
    assert biller.start(order).status_code == 200
    assert Organization.objects.get(pk=site.organization.pk).street == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter the name of your organization, as it stands on invoices."),
        ("country", "", "Choose your country."),
        ("country", "XX", "Select a valid choice. XX is not one of the available choices."),
        ("street", " ", "Enter street and number."),
        ("city", "", "Enter the city."),
        ("city", "x" * 101, "Ensure this value has at most 100 characters (it has 101)."),
        ("email", "nobody", "Enter a valid email address."),
        ("accepts_terms", "", "Accept the Terms to complete the order."),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_begins(site, provider, field, value, sentence):
    order = site.choose()
    answer = site.start(order, **{field: value})

    assert (answer.status_code, answer.json()) == (422, {"errors": {field: sentence}})
    order.refresh_from_db()
    assert (order.state, provider.intents) == (OrderState.OPEN, {})


@pytest.mark.parametrize("amount", ["1", "0", "-5", "2448001"])
def test_an_amount_that_the_page_did_not_show_is_never_charged(site, provider, amount):
    order = site.choose()
    answer = site.start(order, amount_shown=amount)

    assert answer.status_code == 409
    assert "Nothing was charged" in answer.json()["note"]
    assert "changed in another window" in answer.json()["note"]
    assert provider.intents == {}


def test_a_price_that_changed_meanwhile_is_said(site, provider, now):
    order = site.choose()
    Price.objects.filter(plan__code="E20", superseded_at=None).update(superseded_at=now)
    Price.objects.create(plan=order.plan, kind="per_user", currency="USD", amount=11_000, created_at=now)
    answer = site.start(order)

    assert "The price has changed since you began this order." in answer.json()["note"]
    assert provider.intents == {}


def test_a_declined_card_gets_a_reference_to_quote_and_the_order_waits(site, provider):
    order = site.choose()
    site.start(order)
    provider.decline(intent_of(order))
    answer = site.post("payment-problem", order_id=order.pk)

    problem = PaymentProblem.objects.get()
    note = answer.json()["note"]
    assert answer.json()["beside_card"] == "Declined by your bank. Use another card."
    assert "Your bank declined this card" in note
    assert "You haven’t been charged" in note
    assert f'data-kw-copy="{problem.reference}"' in note
    assert f'href="/support/?topic=transaction&amp;reference={problem.reference}"' in note
    order.refresh_from_db()
    assert (order.state, LicenseFile.objects.count()) == (OrderState.OPEN, 0)


def test_another_card_pays_the_same_order_on_the_same_intent(site, provider):
    order = site.choose()
    site.start(order)
    provider.decline(intent_of(order))
    site.post("payment-problem", order_id=order.pk)
    site.start(order)
    provider.pay(intent_of(order))
    answer = site.get("payment-return", order_id=order.pk)

    assert answer.url == site.url("license-ready", order_id=order.pk)
    assert (PaymentAttempt.objects.count(), len(provider.intents)) == (1, 1)


def test_saving_the_card_after_a_decline_lets_the_first_intent_go(site, provider):
    order = site.choose()
    site.start(order)
    first = intent_of(order)
    answer = site.start(order, save_card="on")

    assert answer.json()["save_card"] is True
    assert provider.intents[first].state is IntentState.CANCELED
    assert [attempt.save_card for attempt in order.attempts.order_by("number")] == [False, True]


def test_an_intent_that_the_provider_gave_up_is_replaced(site, provider):
    order = site.choose()
    site.start(order)
    first = intent_of(order)
    provider.move(first, IntentState.CANCELED)

    assert site.start(order).json()["client_secret"] == "secret"
    assert intent_of(order) != first


def test_a_provider_that_does_not_answer_gets_a_reference_and_no_charge(site, provider):
    order = site.choose()
    provider.fail_next = True
    answer = site.start(order)

    problem = PaymentProblem.objects.get()
    assert (answer.status_code, problem.code) == (409, "payment_provider_unavailable")
    assert problem.reference in answer.json()["note"]
    assert "You haven’t been charged" in answer.json()["note"]


def test_when_nobody_can_say_how_it_went_the_page_says_just_that(site, provider):
    order = site.choose()
    site.start(order)
    provider.fail_next = True
    note = site.post("payment-problem", order_id=order.pk).json()["note"]

    assert "We don’t know yet how your payment went" in note
    assert "You haven’t been charged" not in note
    order.refresh_from_db()
    assert order.state == OrderState.PAYING


def test_paid_after_all_leads_to_the_license(site, provider):
    order = site.choose()
    site.start(order)
    provider.pay(intent_of(order))
    answer = site.post("payment-problem", order_id=order.pk)

    assert answer.json() == {"go": site.url("payment-return", order_id=order.pk)}
    assert site.get("payment-return", order_id=order.pk).url == site.url("license-ready", order_id=order.pk)


def test_complete_on_a_paid_order_leads_to_the_license_and_charges_nothing(site, provider):
    order = site.choose()
    site.start(order)
    provider.pay(intent_of(order))

    assert site.start(order).json() == {"go": site.url("payment-return", order_id=order.pk)}
    assert len(provider.intents) == 1


def test_complete_on_a_finished_order_leads_to_where_it_is(bought, site, provider):
    done = bought()
    assert site.start(done).json() == {"go": site.url("payment-return", order_id=done.pk)}
    assert site.get("payment-return", order_id=done.pk).url == site.url("license-ready", order_id=done.pk)

    dropped = site.choose(seats="3")
    site.post("buy-discard", {"order": str(dropped.pk)})
    assert site.start(dropped).json() == {"go": site.url("payment-return", order_id=dropped.pk)}
    assert site.get("payment-return", order_id=dropped.pk).url == site.url("buy")
    assert len(provider.intents) == 1


def test_what_the_address_brings_along_is_not_believed(site, provider):
    order = site.choose()
    site.start(order)
    answer = site.get(
        "payment-return", query={"payment_intent": "pi_of_mine", "redirect_status": "succeeded"}, order_id=order.pk
    )

    assert "The payment wasn’t finished" in words(answer)
    assert LicenseFile.objects.count() == 0


def test_a_page_left_during_the_challenge_says_so_when_it_is_opened_again(site, provider):
    order = site.choose()
    site.start(order)
    provider.move(intent_of(order), IntentState.REQUIRES_ACTION)
    page = words(site.get("payment", order_id=order.pk))

    assert "The payment wasn’t confirmed You haven’t been charged" in page
    assert PaymentProblem.objects.get().reference in page
    assert "Complete" in page


def test_while_the_bank_works_the_page_waits_and_goes_on_by_itself(site, provider):
    order = site.choose()
    site.start(order)
    provider.move(intent_of(order), IntentState.PROCESSING)
    for name in ("payment", "payment-return"):
        assert "Your payment is being confirmed" in words(site.get(name, order_id=order.pk))
    htmx = {"HX-Request": "true"}
    assert site.get("payment-return", headers=htmx, order_id=order.pk).status_code == 204
    assert site.get("license-ready", order_id=order.pk).url == site.url("payment-return", order_id=order.pk)

    provider.pay(intent_of(order))
    answer = site.get("payment-return", headers=htmx, order_id=order.pk)

    assert answer.headers["HX-Redirect"] == site.url("license-ready", order_id=order.pk)
    assert PaymentProblem.objects.count() == 0


def test_a_wait_that_ends_badly_loads_the_page_anew(site, provider):
    order = site.choose()
    site.start(order)
    provider.decline(intent_of(order))
    answer = site.get("payment-return", headers={"HX-Request": "true"}, order_id=order.pk)

    assert answer.headers["HX-Refresh"] == "true"
    assert "Your bank declined this card" in words(site.get("payment-return", order_id=order.pk))


def test_money_that_is_not_the_orders_gives_no_license_but_a_reference(site, provider):
    order = site.choose()
    site.start(order)
    provider.pay(intent_of(order), amount=Money(1, "USD"))
    answer = site.get("payment-return", order_id=order.pk)

    problem = PaymentProblem.objects.get()
    for page in (answer, site.get("payment", order_id=order.pk)):
        assert "We are checking your payment" in words(page)
        assert problem.reference in words(page)
    assert site.post("payment-problem", order_id=order.pk).json()["go"]
    assert LicenseFile.objects.count() == 0
    mail = OutboxMail.objects.get(key=f"order:{order.pk}:mismatch")
    assert mail.subject == f"Payment doesn’t match order {order.number} ({problem.reference})"
    assert "Received: $0.01" in mail.text
    assert "Total of the order: $24,480.00" in mail.text


def test_above_eight_digits_no_card_is_offered_and_the_way_on_is_shown(site, provider):
    order = site.choose(seats="2147483647")
    page = site.get("payment", order_id=order.pk)

    assert "This total is more than a card payment can carry" in words(page)
    assert "$262,851,998,392.80" in words(page)
    assert 'value="transfer" id="pay-transfer" checked' in page.content.decode()
    assert 'id="card-fields"' not in page.content.decode()
    answer = site.start(order)
    assert (answer.status_code, provider.intents) == (409, {})


def test_a_discarded_order_leads_back_to_buying(site):
    order = site.choose()
    site.post("buy-discard", {"order": str(order.pk)})
    answer = site.get("payment", order_id=order.pk)

    assert answer.url == site.url("buy")
    assert f"Order {order.number} was discarded. Nothing was charged." in words(site.get("buy"))


def test_a_strangers_order_is_not_found_and_stays_as_it_is(site, stranger, provider):
    order = site.choose()
    order.organization = stranger.organization
    order.save(update_fields=["organization"])
    for name in ("payment", "payment-return", "license-ready"):
        assert site.get(name, order_id=order.pk).status_code == 404
    assert site.start(order).status_code == 404
    assert site.post("payment-problem", order_id=order.pk).status_code == 404
    order.refresh_from_db()
    assert (order.state, provider.intents) == (OrderState.OPEN, {})


def test_a_member_may_not_pay(site, site_of, provider):
    order = site.choose()
    member = Site(site_of(Role.MEMBER).client, site.organization)

    assert member.get("payment", order_id=order.pk).status_code == 403
    assert member.post("payment-problem", order_id=order.pk).status_code == 403
    assert member.start(order).status_code == 403
    assert provider.intents == {}


def test_a_get_starts_nothing(site, provider):
    order = site.choose()

    assert site.client.get(site.url("payment-start", order_id=order.pk), BILLING).status_code == 405
    assert provider.intents == {}
