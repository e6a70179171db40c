"""The Payment Element and the bank's dialog in Chromium, on a page of another origin under a strict policy."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stripe
from playwright.sync_api import Page, Response, Route, expect

from paying import AMOUNT, BANK_FRAME, FAILED, fill_card, intent_for, open_shop, result, violations
from shop import Shop
from stripe_description import check_answer, check_request


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


def test_the_banks_buttons_appear_no_sooner_than_what_hears_them(client: stripe.StripeClient, shop: Shop, page: Page):
    slow: list[Route] = []
    page.route("**/assets/challenge.js", lambda route: slow.append(route))  # noqa: PLW0108 (playwright marks what it is given)
    fill_card(open_shop(page, shop, intent_for(client).client_secret), "4000002760003184")
    with page.expect_request("**/assets/challenge.js"):
        page.get_by_role("button", name="Pay").click()
    button = page.frame_locator(BANK_FRAME).get_by_role("button", name="Complete authentication")
    page.wait_for_timeout(300)
    assert button.count() == 0
    slow.pop().continue_()
    button.click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"


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


def test_the_browsers_own_calls_are_as_described(client: stripe.StripeClient, shop: Shop, page: Page):
    judged: list[str] = []

    def judge(response: Response) -> None:
        parts = urlsplit(response.url)
        if not parts.path.startswith("/v1/") or response.request.method == "OPTIONS":
            return
        sent = parts.query if response.request.method == "GET" else response.request.post_data or ""
        check_request(response.request.method, parts.path, parse_qsl(sent))
        check_answer(response.request.method, parts.path, response.status, response.json())
        judged.append(f"{response.request.method} {parts.path.replace(intent.id, 'ID')}")

    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret), "4000000000000002")
    answers: list[Response] = []

    def keep(response: Response) -> None:
        answers.append(response)

    page.on("response", keep)
    page.get_by_role("button", name="Pay").click()
    assert result(page)["error"]["code"] == "card_declined"
    for answer in answers:
        judge(answer)
    assert judged == [
        "GET /v1/payment_intents/ID",
        "POST /v1/payment_methods",
        "POST /v1/payment_intents/ID/confirm",
    ]


def test_a_card_is_saved_without_a_payment(client: stripe.StripeClient, shop: Shop, page: Page):
    customer = client.v1.customers.create({})
    intent = client.v1.setup_intents.create(
        {"customer": customer.id, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    fill_card(open_shop(page, shop, intent.client_secret, elements={"mode": "setup"}, setup=True), "4000002500003155")
    page.get_by_role("button", name="Pay").click()
    bank = page.frame_locator(BANK_FRAME)
    expect(bank.get_by_text("The shop asks to save your card.")).to_be_visible()
    bank.get_by_role("button", name="Complete authentication").click()
    assert result(page)["setupIntent"]["status"] == "succeeded"
    (saved,) = client.v1.payment_methods.list({"customer": customer.id}).data
    assert saved.card.last4 == "3155"


def test_a_challenge_that_the_server_caused_is_shown(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client, payment_method="pm_card_threeDSecure2Required", confirm=True)
    open_shop(page, shop, intent.client_secret)
    page.get_by_role("button", name="Go on").click()
    page.frame_locator(BANK_FRAME).get_by_role("button", name="Complete authentication").click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("elements", "param"),
    [
        ({"amount": AMOUNT - 1}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"setupFutureUsage": "off_session"}, "setup_future_usage"),
    ],
)
def test_elements_that_differ_from_the_intent_pay_nothing(
    client: stripe.StripeClient, shop: Shop, page: Page, elements: dict[str, Any], param: str
):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret, elements=elements), "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    error = result(page)["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_confirming_needs_a_submit_first(client: stripe.StripeClient, shop: Shop, page: Page):
    card = open_shop(page, shop, intent_for(client).client_secret, skipSubmit=True)
    fill_card(card, "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    assert result(page)["thrown"] == "IntegrationError"


def test_without_if_required_the_page_goes_to_its_return_url(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret, redirect="always"), "4242424242424242")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    secret = str(intent.client_secret)
    assert page.url == (
        f"{shop.origin}/done?payment_intent={intent.id}&payment_intent_client_secret={secret}&redirect_status=succeeded"
    )


def test_a_lost_network_is_an_error_and_can_be_tried_again(client: stripe.StripeClient, shop: Shop, page: Page):
    intent = intent_for(client)
    fill_card(open_shop(page, shop, intent.client_secret), "4242424242424242")
    page.context.set_offline(True)
    page.get_by_role("button", name="Pay").click()
    assert result(page)["error"]["type"] == "api_connection_error"
    page.context.set_offline(False)
    page.locator("#result").evaluate("node => node.replaceChildren()")
    page.get_by_role("button", name="Pay").click()
    assert result(page)["paymentIntent"]["status"] == "succeeded"
