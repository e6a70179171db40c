"""The pages for people: what happened, with Redeliver; and axe-core's judgement of every page, light and dark."""

from typing import Literal

import pytest
import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from conftest import Receiver
from simulator import SimulatorProcess

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DARK = "document.documentElement.style.colorScheme = 'dark'; document.body.style.backgroundColor = '#15191f'"


def pay(client: stripe.StripeClient, token: str) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": 244800,
            "currency": "usd",
            "payment_method": token,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )


def test_the_overview_is_empty_at_first_and_says_why(simulator: SimulatorProcess, browser: Browser):
    page = browser.new_page()
    page.goto(simulator.origin)
    for sentence in (
        "No payment yet.",
        "No money went back yet.",
        "No payout yet.",
        "No event yet.",
        "No delivery yet.",
        "No webhook is set",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    page.close()


def test_an_event_is_delivered_again_by_its_button(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver, browser: Browser
):
    simulator.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
    with pytest.raises(stripe.CardError):
        pay(client, "pm_card_visa_chargeDeclinedInsufficientFunds")
    intent = pay(client, "pm_card_visa")
    simulator.wait_until_delivered()
    page = browser.new_page()
    page.goto(simulator.origin)
    payments = page.get_by_role("table", name="Payments")
    expect(payments.get_by_role("row", name=intent.id)).to_contain_text("$2,448.00succeeded")
    expect(payments.get_by_role("row", name="insufficient_funds")).to_contain_text("requires_payment_method")
    deliveries = page.get_by_role("table", name="Deliveries").locator("tbody tr")
    expect(deliveries).to_have_count(1)
    page.get_by_role("button", name="Redeliver: payment_intent.succeeded").click()
    expect(page).to_have_url(f"{simulator.origin}/")
    expect(deliveries).to_have_count(2)
    simulator.wait_until_delivered()
    assert len(receiver.bodies) == 2
    assert receiver.bodies[0] == receiver.bodies[1]
    page.close()


def test_what_holder_and_bank_do_is_a_button_each(
    client: stripe.StripeClient, simulator: SimulatorProcess, browser: Browser
):
    won, lost = pay(client, "pm_card_visa"), pay(client, "pm_card_visa")
    for _ in range(2):
        client.v1.refunds.create({"payment_intent": pay(client, "pm_card_pendingRefund").id, "amount": 4_800})
    page = browser.new_page()
    page.goto(simulator.origin)
    back = page.get_by_role("table", name="Refunds and disputes")
    for intent, verdict in ((won, "Won"), (lost, "Lost")):
        page.get_by_role("button", name=f"Dispute: {intent.id}").click()
        back.get_by_role("row", name=intent.id).get_by_role("button", name=verdict).click()
        expect(back.get_by_role("row", name=intent.id).get_by_role("button")).to_have_count(0)
    verdicts = {dispute.payment_intent: dispute.status for dispute in client.v1.disputes.list().data}
    assert verdicts == {won.id: "won", lost.id: "lost"}
    expect(back.get_by_role("row", name=won.id)).to_contain_text("$2,448.00won")
    back.get_by_role("button", name="Pay it").first.click()
    back.get_by_role("button", name="Refuse it").click()
    expect(back.get_by_role("button")).to_have_count(0)
    assert sorted(refund.status or "" for refund in client.v1.refunds.list().data) == ["failed", "succeeded"]
    simulator.pay_out()
    page.reload()
    expect(page.get_by_role("table", name="Payouts")).to_contain_text("paid")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["overview", "overview on a phone", "card", "card with errors", "challenge"])
def test_axe_finds_nothing(
    client: stripe.StripeClient,
    simulator: SimulatorProcess,
    browser: Browser,
    kind: str,
    scheme: Literal["light", "dark"],
):
    pay(client, "pm_card_createDispute")
    simulator.pay_out()
    intent = pay(client, "pm_card_threeDSecure2Required")
    addresses = {"card": "/frames/card", "challenge": f"/3d_secure/{intent.id}?client_secret={intent.client_secret}"}
    width = 375 if "phone" in kind else 1280
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(simulator.origin + addresses.get(kind.split(maxsplit=1)[0], "/"))
    if "card" in kind and scheme == "dark":
        page.evaluate(DARK)
    if "errors" in kind:
        page.get_by_label("Card number").fill("4242")
        page.get_by_label("Security code").focus()
        expect(page.get_by_text("Your card number is incomplete.")).to_be_visible()
    # The frame's own document has no heading or landmark: it is a part of the page that frames it.
    rules = {name: {"enabled": False} for name in ("page-has-heading-one", "region", "landmark-one-main")}
    found = Axe().run(page, options={"runOnly": AXE_TAGS, "rules": rules if "card" in kind else {}})
    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_challenge_page_of_nobody_is_refused(
    client: stripe.StripeClient, simulator: SimulatorProcess, browser: Browser
):
    intent = pay(client, "pm_card_threeDSecure2Required")
    page = browser.new_page()
    for address, status in ((f"/3d_secure/{intent.id}", 400), ("/3d_secure/pi_1", 404), ("/3d_secure/x_1", 404)):
        answer = page.goto(simulator.origin + address)
        assert answer is not None
        assert answer.status == status
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    page.close()


@pytest.mark.parametrize("path", ["/v3", "/v3/", "/dahlia/stripe.js"])
def test_the_script_is_where_stripes_is(simulator: SimulatorProcess, browser: Browser, path: str):
    page = browser.new_page()
    page.goto(simulator.origin)
    found = page.request.get(simulator.origin + path)
    assert (found.status, found.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "window.Stripe = make" in found.text()
    assert page.request.get(f"{simulator.origin}/assets/..%2fcli.py").status == 404
    page.close()
