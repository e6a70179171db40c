"""Payments through Stripe's own SDK; the client checks each request and answer against Stripe's description."""

from typing import Any

import pytest
import stripe

CARD_ONLY: Any = {"enabled": True, "allow_redirects": "never"}


def pay(client: stripe.StripeClient, token: str, **more: Any) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": 244800,
            "currency": "usd",
            "payment_method": token,
            "confirm": True,
            "automatic_payment_methods": CARD_ONLY,
            **more,
        }
    )


@pytest.mark.parametrize("token", ["pm_card_visa", "pm_card_mastercard", "pm_card_createDispute"])
def test_a_good_card_pays(client: stripe.StripeClient, token: str):
    intent = pay(client, token)
    assert (intent.status, intent.amount_received) == ("succeeded", 244800)
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.paid, charge.amount, charge.status) == (True, 244800, "succeeded")


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
def test_a_bad_card_is_declined_and_the_intent_wants_another(
    client: stripe.StripeClient, token: str, code: str, decline_code: str
):
    with pytest.raises(stripe.CardError) as raised:
        pay(client, token)
    body = raised.value.json_body["error"]
    assert (raised.value.http_status, raised.value.code, body["decline_code"]) == (402, code, decline_code)
    intent = client.v1.payment_intents.retrieve(body["payment_intent"]["id"])
    assert (intent.status, intent.payment_method, intent.amount_received) == ("requires_payment_method", None, 0)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == code
    assert intent.last_payment_error.payment_method is not None
    assert client.v1.charges.retrieve(str(intent.latest_charge)).status == "failed"
    again = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)
