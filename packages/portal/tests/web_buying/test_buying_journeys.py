"""Whole purchases in a real browser, against the simulator, under the portal's own policy."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from shopper import ASKS_ALWAYS, ASKS_ONCE, CHALLENGE, DECLINED, GOOD, Shopper

from keywright_portal.billing.models import Invoice, SavedCard
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt, PaymentProblem
from keywright_portal.payments.models import ProviderEvent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def disconnected(shopper):
    """The network is gone, as in a train."""
    shopper.page.context.set_offline(True)
    yield
    shopper.page.context.set_offline(False)


def charges(simulator):
    """What the provider took, by intent."""
    return {
        call["path"].split("/")[3]
        for call in simulator.requests()
        if call["path"].endswith("/confirm") and call["status"] == 200
    }


def test_a_good_card_buys_a_license_at_once(shopper):
    shopper.choose(users="200", premier=True)
    expect(shopper.page.locator("aside")).to_contain_text("Total due today")
    expect(shopper.page.locator("aside")).to_contain_text("$24,480.00")
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()

    with shopper.page.expect_download() as started:
        shopper.page.get_by_role("link", name="Download the license key").click()
    file = LicenseFile.objects.get(position=0)
    assert started.value.suggested_filename == file.name
    assert started.value.path().read_bytes() == bytes(file.content)
    assert (Order.objects.get().state, Invoice.objects.get().gross) == (OrderState.FULFILLED, 2_448_000)
    assert shopper.complaints == []


def test_the_order_summary_follows_every_change_without_a_reload(shopper):
    shopper.open("buy/")
    page, summary = shopper.page, shopper.page.locator("#summary")
    page.evaluate("window.sameDocument = true")

    expect(summary).to_contain_text("1 user × $39.00")
    page.get_by_label("Number of users").fill("12")
    expect(summary).to_contain_text("$468.00")
    page.get_by_role("button", name="One user more").click()
    expect(summary).to_contain_text("13 users × $39.00")
    page.locator("label[for=plan-E20]").click()
    expect(summary).to_contain_text("13 users × $102.00")
    page.locator("label[for=add-on-E20-premier-support]").click()
    expect(summary).to_contain_text("13 users × $20.40")
    expect(summary).to_contain_text("$1,591.20")
    page.locator("label[for=plan-E10]").click()
    expect(page.locator("[data-add-ons-of=E20]")).to_be_hidden()
    expect(summary).not_to_contain_text("Premier Support")
    expect(summary).to_contain_text("$507.00")
    page.locator("label[for=plan-E20]").click()
    expect(summary).to_contain_text("$1,591.20")
    page.get_by_label("Number of users").fill("1.5")
    expect(page.locator("#seats-errors")).to_have_text(re.compile("Enter a whole number of users from 1"))
    expect(page.get_by_label("Number of users")).to_have_attribute("aria-invalid", "true")
    expect(summary).not_to_contain_text("$")
    page.get_by_label("Number of users").fill("2,147,483,647")
    expect(summary).to_contain_text("$262,851,998,392.80")
    expect(page.locator("#seats-errors")).to_be_empty()
    assert page.evaluate("window.sameDocument") is True
    assert Order.objects.count() == 0
    assert shopper.complaints == []


def test_a_declined_card_then_another_one_is_one_order_and_one_charge(shopper):
    shopper.choose()
    shopper.fill_in(DECLINED)
    shopper.complete()
    shopper.is_told("Your bank declined this card")
    expect(shopper.page.locator("#card-error")).to_contain_text("Declined by your bank. Use another card.")
    problem = PaymentProblem.objects.get()
    support = shopper.page.locator("#payment-notes").get_by_role("link", name="Contact Support")
    expect(support).to_have_attribute("href", f"/support/?topic=transaction&reference={problem.reference}")
    expect(shopper.page.get_by_label("Street and number")).to_have_value("Speicherweg 14")

    shopper.enter_card(GOOD)
    expect(shopper.page.locator("#card-error")).to_be_empty()
    shopper.complete()
    shopper.has_license()
    assert (Order.objects.count(), PaymentAttempt.objects.count(), Invoice.objects.count()) == (1, 1, 1)


def test_a_challenge_that_is_completed_pays_and_may_save_the_card(shopper):
    shopper.choose()
    shopper.fill_in(ASKS_ONCE)
    shopper.page.get_by_label("Save this card for renewals").check()
    shopper.complete()
    shopper.answer_bank("Complete authentication")
    shopper.has_license()

    assert SavedCard.objects.get().last4 == "3155"


@pytest.mark.parametrize("how", ["fails", "is closed"])
def test_a_challenge_that_fails_or_is_closed_charges_nothing_and_can_be_tried_again(shopper, how):
    shopper.choose()
    shopper.fill_in(ASKS_ALWAYS)
    shopper.complete()
    if how == "fails":
        shopper.answer_bank("Fail authentication")
    else:
        expect(shopper.bank.get_by_role("button", name="Complete authentication")).to_be_visible()
        shopper.page.get_by_role("button", name="Close authentication").click()
    shopper.is_told("Your bank couldn’t confirm that it’s you")
    assert (Order.objects.get().state, LicenseFile.objects.count()) == (OrderState.OPEN, 0)

    shopper.complete()
    shopper.answer_bank("Complete authentication")
    shopper.has_license()
    assert Invoice.objects.count() == 1


def test_a_page_left_during_the_challenge_tells_the_truth_when_it_comes_back(shopper):
    shopper.choose()
    shopper.fill_in(ASKS_ALWAYS)
    shopper.complete()
    expect(shopper.bank.get_by_role("button", name="Complete authentication")).to_be_visible()
    shopper.page.reload()
    shopper.is_told("The payment wasn’t confirmed")
    expect(shopper.page.get_by_label("Street and number")).to_have_value("Speicherweg 14")

    shopper.enter_card(GOOD)
    shopper.page.get_by_label("I accept the Terms").check()
    shopper.complete()
    shopper.has_license()
    assert (PaymentAttempt.objects.count(), Invoice.objects.count()) == (1, 1)


def test_what_is_missing_is_said_at_the_field_and_has_the_focus(shopper):
    shopper.choose()
    shopper.enter_card(GOOD)
    shopper.complete()
    street = shopper.page.get_by_label("Street and number")
    expect(street).to_be_focused()
    expect(street).to_have_accessible_description("Enter street and number.")
    expect(shopper.page.get_by_label("I accept the Terms")).to_have_attribute("aria-invalid", "true")
    assert PaymentAttempt.objects.count() == 0

    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()


def test_a_network_lost_before_the_bank_was_asked_charges_nothing_and_loses_nothing(shopper):
    shopper.choose()
    shopper.fill_in(GOOD)
    with disconnected(shopper):
        shopper.complete()
        shopper.is_told("The connection was lost")
    expect(shopper.page.get_by_label("City")).to_have_value("Hamburg")
    assert PaymentAttempt.objects.count() == 0

    shopper.complete()
    shopper.has_license()


def test_a_network_lost_after_the_bank_was_asked_ends_with_the_license(shopper, simulator):
    shopper.choose()
    shopper.fill_in(ASKS_ALWAYS)
    shopper.complete()
    expect(shopper.bank.get_by_role("button", name="Complete authentication")).to_be_visible()
    # The bank says yes; what the browser then asks of anybody is lost.
    shopper.page.route("**/payment/problem/", lambda route: route.abort())
    shopper.page.route(f"{simulator.origin}/v1/**", lambda route: route.abort())
    shopper.answer_bank("Complete authentication")
    shopper.is_told("The connection was lost while your bank was asked")
    shopper.page.unroute_all()
    shopper.page.get_by_role("link", name="Check the payment").click()
    shopper.has_license()
    assert Invoice.objects.count() == 1


def test_two_tabs_and_the_back_button_are_one_order_and_one_charge(shopper, another_tab, simulator):
    shopper.choose()
    other = another_tab()
    other.open("buy/")
    expect(other.page.get_by_role("heading", name="You have an unfinished order")).to_be_visible()
    other.page.get_by_role("link", name="Resume").click()
    for tab in (shopper, other):
        tab.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()
    other.complete()
    other.has_license()

    other.page.go_back()
    other.has_license()
    other.page.go_back()
    assert (Order.objects.count(), Invoice.objects.count(), len(charges(simulator))) == (1, 1, 1)


def test_a_double_click_is_one_charge(shopper, simulator):
    shopper.choose()
    shopper.fill_in(GOOD)
    shopper.page.get_by_role("button", name="Complete").dblclick()
    shopper.has_license()

    assert (PaymentAttempt.objects.count(), Invoice.objects.count(), len(charges(simulator))) == (1, 1, 1)


def test_an_order_changed_in_another_tab_is_not_paid_at_the_old_price(shopper, another_tab):
    shopper.choose(users="200")
    shopper.fill_in(GOOD)
    another_tab().choose(users="300")
    shopper.complete()
    shopper.is_told("Nothing was charged")
    shopper.page.get_by_role("link", name="Reload the page").click()
    expect(shopper.page.locator("aside")).to_contain_text("300 users × $102.00")
    assert Invoice.objects.count() == 0


def test_above_eight_digits_the_invoice_is_the_way(shopper):
    shopper.choose(users="2147483647", premier=True)
    expect(shopper.page.locator("#summary")).to_contain_text("$262,851,998,392.80")
    expect(shopper.page.get_by_text("This total is more than a card payment can carry")).to_be_visible()
    expect(shopper.page.locator("#card-fields")).to_have_count(0)
    shopper.fill_in(card=None)
    shopper.complete()
    shopper.has_invoice()

    assert Invoice.objects.get().gross == 26_285_199_839_280
    assert shopper.complaints == []


def test_a_script_that_cannot_be_reached_is_said_and_can_be_tried_again(shopper, simulator):
    shopper.page.route(f"{simulator.origin}/v3/", lambda route: route.abort())
    shopper.choose()
    shopper.is_told("The card fields can’t be loaded")
    expect(shopper.page.get_by_role("button", name="Complete")).to_be_disabled()
    shopper.page.unroute_all()
    shopper.page.get_by_role("button", name="Try again").click()
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()


def test_a_provider_whose_api_fails_gets_a_reference(shopper, simulator):
    simulator.fail_next(path="/v1/payment_intents", method="POST", times=5)
    shopper.choose()
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.is_told("The payment service didn’t answer")
    expect(shopper.page.locator("#payment-notes")).to_contain_text(PaymentProblem.objects.get().reference)
    simulator.clear_faults()
    shopper.complete()
    shopper.has_license()


def test_the_webhook_of_a_purchase_is_kept_and_changes_nothing_twice(shopper, simulator, live_server):
    simulator.set_webhook(f"{live_server.url}/webhooks/stripe/", "whsec_simulator")
    shopper.choose()
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()
    simulator.wait_until_delivered()
    simulator.set_webhook(None)

    assert ProviderEvent.objects.filter(type="payment_intent.succeeded").count() == 1
    assert Invoice.objects.count() == 1


def test_a_card_is_saved_without_a_payment_and_removed(shopper):
    shopper.open("payment-methods/")
    shopper.page.get_by_role("link", name="Add a card").click()
    shopper.enter_card(DECLINED)
    shopper.page.get_by_role("button", name="Save the card").click()
    shopper.is_told("Your bank declined this card")
    shopper.enter_card(ASKS_ONCE)
    shopper.page.get_by_role("button", name="Save the card").click()
    shopper.answer_bank("Complete authentication")
    expect(shopper.page.get_by_text("Visa ending 3155 is saved.")).to_be_visible()

    shopper.page.get_by_role("link", name="Remove…").click()
    dialog = shopper.page.get_by_role("dialog", name="Remove this card?")
    dialog.get_by_role("button", name="Remove").click()
    expect(shopper.page.get_by_text("Visa ending 3155 is removed.")).to_be_visible()
    assert SavedCard.objects.get().removed_at is not None


def test_a_license_is_sent_from_a_dialog_that_keeps_its_errors(shopper):
    shopper.choose()
    shopper.fill_in(GOOD)
    shopper.complete()
    shopper.has_license()
    shopper.page.get_by_role("link", name="Send it").click()
    dialog = shopper.page.get_by_role("dialog", name="Send the license key")
    dialog.get_by_role("button", name="Send it").click()
    address = dialog.get_by_label("Email address of your System Admin")
    expect(address).to_be_focused()
    expect(dialog).to_contain_text("Enter the email address of the person who runs your server.")
    address.fill("bo@brightwater.example")
    dialog.get_by_role("button", name="Send it").click()
    expect(shopper.page.get_by_text("The link is on its way to bo@brightwater.example.")).to_be_visible()
    assert shopper.complaints == []


def test_discarding_asks_first(shopper):
    shopper.choose()
    shopper.open("buy/")
    shopper.page.get_by_role("link", name="Discard…").click()
    dialog = shopper.page.get_by_role("dialog", name="Discard this order?")
    dialog.get_by_role("button", name="Keep it").click()
    assert Order.objects.get().state == OrderState.OPEN
    shopper.page.get_by_role("link", name="Discard…").click()
    dialog.get_by_role("button", name="Discard").click()
    expect(shopper.page.get_by_text("The order is discarded. Nothing was charged.")).to_be_visible()
    assert Order.objects.get().state == OrderState.DISCARDED


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_for_everybody(look_at, scheme, width):
    shopper: Shopper = look_at(width, scheme)
    found = {}

    def judge(name):
        found[name] = shopper.judge()

    shopper.open("")
    judge("empty overview")
    shopper.open("subscriptions/")
    judge("no subscription")
    shopper.open("billing/")
    judge("no invoice")
    shopper.open("payment-methods/")
    judge("no card")
    shopper.open("buy/")
    shopper.page.get_by_label("Number of users").fill("0")
    expect(shopper.page.locator("#seats-errors")).not_to_be_empty()
    judge("wrong number")
    shopper.choose(premier=True)
    shopper.fill_in(DECLINED)
    judge("payment")
    shopper.complete()
    shopper.is_told("Your bank declined this card")
    judge("declined")
    shopper.enter_card(ASKS_ALWAYS)
    shopper.page.get_by_label("Save this card for renewals").check()
    shopper.complete()
    shopper.page.locator(CHALLENGE).wait_for()
    shopper.answer_bank("Complete authentication")
    shopper.has_license()
    judge("license")
    shopper.page.get_by_role("link", name="Send it").click()
    judge("send dialog")
    shopper.choose(users="2147483647")
    judge("too large")
    shopper.fill_in(card=None)
    shopper.complete()
    shopper.has_invoice()
    judge("invoiced")
    shopper.choose()
    shopper.open("buy/")
    judge("unfinished")
    for path in ("", "subscriptions/", "billing/", "payment-methods/", "payment-methods/add/"):
        shopper.open(path)
        judge(path)

    assert {name: what for name, what in found.items() if what} == {}
    assert shopper.complaints == []
