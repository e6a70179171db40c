"""Paying on the bare shop's page, as a person would."""

import json
from typing import Any

import stripe
from playwright.sync_api import FrameLocator, Page, expect

from shop import Shop

CARD_FRAME = "iframe[title='Secure payment input frame']"
BANK_FRAME = "iframe[title='3D Secure authentication']"
AMOUNT = 244800
FAILED = "We are unable to authenticate your payment method. Please choose a different payment method and try again."


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
