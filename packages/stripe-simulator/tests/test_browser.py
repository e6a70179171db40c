"""The Payment Element and the bank's dialog in Chromium, on a page of another origin under a strict policy."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from shop import CHROMIUM_ARGUMENTS, Shop, chromium_path
from simulator import SimulatorProcess

CARD_FRAME = "iframe[title='Secure payment input frame']"
BANK_FRAME = "iframe[title='3D Secure authentication']"
AMOUNT = 244800
FAILED = "We are unable to authenticate your payment method. Please choose a different payment method and try again."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def shop(simulator_process: SimulatorProcess) -> Iterator[Shop]:
    running = Shop(simulator_process.origin)
    yield running
    running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 700})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


def intent_for(client: stripe.StripeClient, **more: Any) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": AMOUNT,
            "currency": "usd",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            **more,
        }
    )


def open_shop(page: Page, shop: Shop, secret: str | None, **more: Any) -> FrameLocator:
    elements = {"mode": "payment", "amount": AMOUNT, "currency": "usd", **more.pop("elements", {})}
    page.goto(shop.address(secret=secret, elements=elements, **more))
    return page.frame_locator(CARD_FRAME)


def fill_card(card: FrameLocator, number: str) -> None:
    card.get_by_label("Card number").fill(number)
    card.get_by_label("Expiration date").fill("12 / 34")
    card.get_by_label("Security code").fill("123")


def result(page: Page) -> Any:
    shown = page.locator("#result")
    expect(shown).not_to_be_empty()
    return json.loads(shown.inner_text())


def violations(page: Page) -> list[str]:
    return [line for line in page.locator("#events").inner_text().splitlines() if "violation" in line]


def test_a_good_card_pays_and_the_policy_is_kept(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret), "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    paid = result(page)["paymentIntent"]
    assert (paid["id"], paid["status"]) == (intent.id, "succeeded")
    assert "metadata" not in paid
    kept = client.v1.payment_intents.retrieve(intent.id, {"expand": ["payment_method"]})
    assert (kept.status, kept.amount_received) == ("succeeded", AMOUNT)
    assert isinstance(kept.payment_method, stripe.PaymentMethod)
    assert kept.payment_method.billing_details.name == "Ana Ferreira"
    assert violations(page) == []


def test_a_completed_challenge_pays(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret), "4000002760003184")
    page.get_by_role("button", name="Pay").click()
    bank = page.frame_locator(BANK_FRAME)
    expect(bank.get_by_text("The shop asks for $2,448.00.")).to_be_visible()
    bank.get_by_role("button", name="Complete authentication").click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"
    expect(page.locator("dialog")).to_have_count(0)
    assert violations(page) == []


@pytest.mark.parametrize("way", ["fail", "close", "escape in the page", "escape in the frame"])
def test_a_challenge_that_fails_or_is_closed_wants_another_card(
    client: stripe.StripeClient, shop: Shop, page: Page, way: str
):
    intent = intent_for(client)
    card = open_shop(page, shop, intent.client_secret)
    fill_card(card, "4000000000003220")
    page.get_by_role("button", name="Pay").click()
    bank = page.frame_locator(BANK_FRAME)
    expect(bank.get_by_role("heading")).to_be_focused()
    if way == "fail":
        bank.get_by_role("button", name="Fail authentication").click()
    elif way == "close":
        page.get_by_role("button", name="Close authentication").click()
    elif way == "escape in the page":
        page.get_by_role("button", name="Close authentication").focus()
        page.keyboard.press("Escape")
    else:
        bank.get_by_role("button", name="Fail authentication").focus()
        page.keyboard.press("Escape")
    error = result(page)["error"]
    assert (error["code"], error["message"]) == ("payment_intent_authentication_failure", FAILED)
    assert error["payment_intent"]["status"] == "requires_payment_method"
    expect(page.get_by_role("button", name="Pay")).to_be_focused()
    kept = client.v1.payment_intents.retrieve(intent.id)
    assert (kept.status, kept.amount_received) == ("requires_payment_method", 0)
    fill_card(card, "4242424242424242")
    page.locator("#result").evaluate("node => node.replaceChildren()")
    page.get_by_role("button", name="Pay").click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("number", "is_challenged", "decline_code"),
    [
        ("4000000000000002", False, "generic_decline"),
        ("4000000000009995", False, "insufficient_funds"),
        ("4000008260003178", True, "insufficient_funds"),
        ("4000008400001629", True, "generic_decline"),
    ],
)
def test_a_declined_card_is_an_error_on_the_page(
    client: stripe.StripeClient, shop: Shop, page: Page, *, number: str, is_challenged: bool, decline_code: str
):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret), number)
    page.get_by_role("button", name="Pay").click()
    if is_challenged:
        page.frame_locator(BANK_FRAME).get_by_role("button", name="Complete authentication").click()
    error = result(page)["error"]
    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", decline_code)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_what_is_missing_or_wrong_is_said_beside_the_fields(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret)
    number, expiry = card.get_by_label("Card number"), card.get_by_label("Expiration date")
    expect(number).to_be_visible()
    page.get_by_role("button", name="Pay").click()
    assert result(page)["error"]["code"] == "incomplete_number"
    expect(number).to_be_focused()
    for sentence in (
        "Your card number is incomplete.",
        "Your card’s expiration date is incomplete.",
        "Your card’s security code is incomplete.",
    ):
        expect(card.get_by_text(sentence)).to_be_visible()
    number.press_sequentially("4242424242424241")
    expect(number).to_have_value("4242 4242 4242 4241")
    number.press("Tab")
    expect(card.get_by_text("Your card number is invalid.")).to_be_visible()
    expect(number).to_have_accessible_description("Your card number is invalid.")
    expiry.press_sequentially("120")
    expiry.press("Tab")
    expect(card.get_by_text("Your card’s expiration date is incomplete.")).to_be_visible()
    expiry.press("End")
    expiry.press_sequentially("1")
    expect(expiry).to_have_value("12 / 01")
    expiry.blur()
    expect(card.get_by_text("Your card’s expiration year is in the past.")).to_be_visible()
    number.fill("4242424242424242")
    expect(card.get_by_text("Your card number is invalid.")).to_be_hidden()
    expect(number).not_to_have_attribute("aria-invalid", "true")
