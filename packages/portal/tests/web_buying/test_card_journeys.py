"""Every test card of the payment provider, from the page, with the words that a person needs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from shopper import ASKS_ALWAYS, ASKS_ONCE, GOOD

from keywright_portal.billing.models import Invoice, Payment, SavedCard
from keywright_portal.billing.services import take_card_try as counting
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt, PaymentProblem

pytestmark = pytest.mark.django_db(transaction=True)

MASTERCARD = "5555555555554444"
SET_UP_ELSEWHERE, FRICTIONLESS = "4000003800000446", "4000000000003220"
DISPUTED_LATER = "4000000000000259"
FAILS_WHEN_CHARGED = "4000000000000341"
NO_CHALLENGE, CHALLENGE = False, True


@pytest.mark.parametrize(
    ("number", "asks"),
    [
        (GOOD, NO_CHALLENGE),
        (MASTERCARD, NO_CHALLENGE),
        (ASKS_ONCE, CHALLENGE),
        (ASKS_ALWAYS, CHALLENGE),
        (SET_UP_ELSEWHERE, CHALLENGE),
        (FRICTIONLESS, CHALLENGE),
        (DISPUTED_LATER, NO_CHALLENGE),
    ],
)
def test_a_card_that_pays(shopper, number, asks):
    shopper.choose()
    shopper.fill_in(number)
    shopper.complete()
    if asks:
        shopper.answer_bank("Complete authentication")
    shopper.has_license()

    assert (Order.objects.get().state, Payment.objects.get().card_last4) == (OrderState.FULFILLED, number[-4:])
    assert PaymentProblem.objects.count() == 0
    assert shopper.complaints == []


REFUSALS = [
    ("4000000000000002", NO_CHALLENGE, "Your bank declined this card", "Declined by your bank. Use another card."),
    (
        "4000000000009995",
        NO_CHALLENGE,
        "This card doesn’t have enough funds",
        "Not enough funds for this sum. Use another card.",
    ),
    ("4000000000000069", NO_CHALLENGE, "This card has expired", "Expired. Check the date, or use another card."),
    (
        "4000000000000127",
        NO_CHALLENGE,
        "The security code isn’t right",
        "The security code isn’t right. Enter it again.",
    ),
    (
        "4000000000000119",
        NO_CHALLENGE,
        "The card couldn’t be processed",
        "Not processed. Try again in a minute.",
    ),
    (
        "4000008260003178",
        CHALLENGE,
        "This card doesn’t have enough funds",
        "Not enough funds for this sum. Use another card.",
    ),
    ("4000008400001629", CHALLENGE, "Your bank declined this card", "Declined by your bank. Use another card."),
    (FAILS_WHEN_CHARGED, NO_CHALLENGE, "Your bank declined this card", "Declined by your bank. Use another card."),
]


def test_each_card_that_does_not_pay_says_why_and_the_next_one_pays_the_same_order(shopper):
    shopper.choose()
    shopper.fill_in(REFUSALS[0][0])
    for tries, (number, asks, title, beside) in enumerate(REFUSALS, start=1):
        shopper.enter_card(number)
        shopper.complete()
        if asks:
            shopper.answer_bank("Complete authentication")
        shopper.is_told(title)
        expect(shopper.page.locator("#card-error")).to_have_text(re.compile(beside))
        notes = shopper.page.locator("#payment-notes")
        expect(notes).to_contain_text("You haven’t been charged")
        assert PaymentProblem.objects.count() == tries
        expect(notes).to_contain_text(PaymentProblem.objects.order_by("-occurred_at").first().reference)

    shopper.enter_card(GOOD)
    shopper.complete()
    shopper.has_license()
    assert (Order.objects.count(), PaymentAttempt.objects.count(), Invoice.objects.count()) == (1, 1, 1)


# ---- Saved cards -----------------------------------------------------------------------------------------------------


def save(shopper, number, *, asks=False):
    shopper.open("payment-methods/add/")
    shopper.enter_card(number)
    shopper.page.get_by_role("button", name="Save the card").click()
    if asks:
        shopper.answer_bank("Complete authentication")
    expect(shopper.page.get_by_text(f"ending {number[-4:]} is saved.")).to_be_visible()


def fill_in_all_but_the_card(shopper):
    shopper.page.get_by_label("Street and number").fill("Speicherweg 14")
    shopper.page.get_by_label("City").fill("Hamburg")
    shopper.page.get_by_label("I accept the Terms").check()


def test_a_saved_card_pays_without_being_entered_again(shopper):
    save(shopper, GOOD)
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    expect(shopper.page.get_by_label("Visa ending 4242")).to_be_checked()
    expect(shopper.page.locator("#card-fields")).to_be_hidden()
    assert shopper.judge() == []
    shopper.complete()
    shopper.has_license()

    assert Payment.objects.get().card_last4 == "4242"
    assert SavedCard.objects.filter(removed_at=None).count() == 1
    assert shopper.complaints == []


def test_the_default_stands_first_and_another_one_can_be_chosen(shopper):
    save(shopper, GOOD)
    save(shopper, ASKS_ONCE, asks=True)
    other = shopper.page.locator("li").filter(has_text="Visa ending 3155")
    other.get_by_role("button", name="Make default").click()
    expect(shopper.page.get_by_text("Visa ending 3155 is your default card.")).to_be_visible()
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    expect(shopper.page.get_by_label("Visa ending 3155")).to_be_checked()
    shopper.complete()
    expect(shopper.bank.get_by_role("button", name="Complete authentication")).to_be_visible()
    shopper.page.get_by_role("button", name="Close authentication").click()
    shopper.is_told("Your bank couldn’t confirm that it’s you")

    shopper.page.get_by_label("Visa ending 4242").check()
    shopper.complete()
    shopper.has_license()
    assert Payment.objects.get().card_last4 == "4242"


def test_beside_saved_cards_another_one_can_be_entered_and_saved(shopper):
    save(shopper, GOOD)
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    shopper.page.get_by_label("Another card").check()
    shopper.enter_card(MASTERCARD)
    shopper.page.get_by_label("Save this card for renewals").check()
    shopper.complete()
    shopper.has_license()

    assert Payment.objects.get().card_last4 == "4444"
    assert sorted(SavedCard.objects.values_list("last4", "is_default")) == [("4242", True), ("4444", False)]


def test_a_card_saved_twice_is_listed_once_and_still_pays(shopper):
    save(shopper, GOOD)
    save(shopper, GOOD)
    expect(shopper.page.get_by_text("Visa ending 4242", exact=True)).to_have_count(1)
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    shopper.complete()
    shopper.has_license()


def test_a_saved_card_that_fails_when_it_is_charged_says_so(shopper):
    save(shopper, FAILS_WHEN_CHARGED)
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    shopper.complete()
    shopper.is_told("Your bank declined this card")

    shopper.page.get_by_label("Another card").check()
    shopper.enter_card(GOOD)
    shopper.complete()
    shopper.has_license()


def test_a_card_removed_in_another_tab_is_not_charged(shopper, another_tab):
    save(shopper, GOOD)
    shopper.choose()
    fill_in_all_but_the_card(shopper)
    other = another_tab()
    other.open("payment-methods/")
    other.page.get_by_role("link", name="Remove…").click()
    other.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(other.page.get_by_text("is removed.")).to_be_visible()
    shopper.complete()
    shopper.is_told("Nothing was charged")
    expect(shopper.page.locator("#payment-notes")).to_contain_text("That card was removed in another window.")
    assert PaymentAttempt.objects.count() == 0


def test_too_many_tries_say_when_to_go_on_and_keep_what_was_filled_in(shopper, monkeypatch):
    monkeypatch.setattr(counting, "PER_ORDER", replace(counting.PER_ORDER, count=1))
    shopper.choose()
    shopper.fill_in("4000000000000002")
    shopper.complete()
    shopper.is_told("Your bank declined this card")
    shopper.enter_card(GOOD)
    shopper.complete()
    shopper.is_told("Too many cards were tried")
    expect(shopper.page.locator("#payment-notes")).to_contain_text(re.compile(r"Go on in \d+ minutes?"))
    expect(shopper.page.get_by_label("City")).to_have_value("Hamburg")
    assert shopper.judge() == []
    assert Invoice.objects.count() == 0
