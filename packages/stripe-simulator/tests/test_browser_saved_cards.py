"""Paying in the browser with a card that was saved before: no number is asked for again, the bank may still ask."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe
from playwright.sync_api import Page, expect

from paying import BANK_FRAME, intent_for, open_shop, result, violations
from shop import Shop
from simulator import SimulatorProcess

CALLS = pytest.mark.parametrize("call", ["confirmPayment", "confirmCardPayment"])
Save = Callable[[str], str]


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({}).id


@pytest.fixture
def save(client: stripe.StripeClient, simulator: SimulatorProcess, customer: str) -> Save:
    """A test token's card of the customer, set up for use without its holder."""

    def _save(token: str) -> str:
        intent = client.v1.setup_intents.create(
            {
                "customer": customer,
                "payment_method": token,
                "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
        if intent.status == "requires_action":
            simulator.authenticate(str(intent.client_secret))
        return str(client.v1.setup_intents.retrieve(intent.id).payment_method)

    return _save


def pay_saved(page: Page, shop: Shop, secret: str | None, method: str | None, call: str, **more: Any) -> None:
    open_shop(page, shop, secret, saved={"call": call, "method": method, "more": more})
    page.get_by_role("button", name="Use the saved card").click()


@CALLS
def test_a_saved_card_pays_without_its_number(
    *, client: stripe.StripeClient, shop: Shop, page: Page, customer: str, save: Save, call: str
):
    method, intent = save("pm_card_visa"), intent_for(client, customer=customer)
    pay_saved(page, shop, intent.client_secret, method, call)
    assert result(page)["paymentIntent"]["status"] == "succeeded"
    kept = client.v1.payment_intents.retrieve(intent.id)
    assert (kept.payment_method, kept.status) == (method, "succeeded")
    assert [one.id for one in client.v1.payment_methods.list({"customer": customer}).data] == [method]
    assert violations(page) == []


@CALLS
@pytest.mark.parametrize(("answer", "status"), [("Complete", "succeeded"), ("Fail", "requires_payment_method")])
def test_the_bank_may_ask_for_a_saved_card_too(
    *,
    client: stripe.StripeClient,
    shop: Shop,
    page: Page,
    customer: str,
    save: Save,
    call: str,
    answer: str,
    status: str,
):
    method, intent = save("pm_card_authenticationRequired"), intent_for(client, customer=customer)
    pay_saved(page, shop, intent.client_secret, method, call)
    page.frame_locator(BANK_FRAME).get_by_role("button", name=f"{answer} authentication").click()
    said = result(page)
    assert ("paymentIntent" in said, client.v1.payment_intents.retrieve(intent.id).status) == (
        answer == "Complete",
        status,
    )
    assert client.v1.payment_methods.retrieve(method).customer == customer


@CALLS
def test_a_saved_card_that_is_declined_stays_saved(
    *, client: stripe.StripeClient, shop: Shop, page: Page, customer: str, save: Save, call: str
):
    method, intent = save("pm_card_chargeCustomerFail"), intent_for(client, customer=customer)
    pay_saved(page, shop, intent.client_secret, method, call)
    error = result(page)["error"]
    assert (error["code"], error["payment_intent"]["status"]) == ("card_declined", "requires_payment_method")
    assert client.v1.payment_methods.retrieve(method).customer == customer


@CALLS
def test_a_card_of_another_customer_does_not_pay(
    *, client: stripe.StripeClient, shop: Shop, page: Page, save: Save, call: str
):
    other = client.v1.customers.create({}).id
    intent = intent_for(client, customer=other)
    pay_saved(page, shop, intent.client_secret, save("pm_card_visa"), call)
    assert result(page)["error"]["param"] == "payment_method"
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_saved_card_is_set_up_anew(*, client: stripe.StripeClient, shop: Shop, page: Page, customer: str, save: Save):
    intent = client.v1.setup_intents.create({"customer": customer})
    pay_saved(page, shop, intent.client_secret, save("pm_card_visa"), "confirmCardSetup", return_url=shop.origin)
    assert result(page)["setupIntent"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("call", "method"), [("confirmCardSetup", "pm_card_visa"), ("confirmCardPayment", {"card": "element"})]
)
def test_what_a_saved_card_cannot_do_is_thrown(
    *, client: stripe.StripeClient, shop: Shop, page: Page, call: str, method: Any
):
    intent = intent_for(client)
    pay_saved(page, shop, intent.client_secret, method, call)
    expect(page.locator("#result")).to_contain_text("IntegrationError")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
