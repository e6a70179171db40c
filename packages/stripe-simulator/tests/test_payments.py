"""Payments through Stripe's own SDK; the client checks each request and answer against Stripe's description."""

from typing import Any

import httpx
import pytest
import stripe

from simulator import SimulatorProcess

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


@pytest.mark.parametrize(
    ("token", "status_after"),
    [
        ("pm_card_authenticationRequiredOnSetup", "succeeded"),
        ("pm_card_authenticationRequired", "succeeded"),
        ("pm_card_authenticationRequiredSetupForOffSession", "succeeded"),
        ("pm_card_threeDSecure2Required", "succeeded"),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "requires_payment_method"),
        ("pm_card_threeDSecureRequiredChargeDeclined", "requires_payment_method"),
    ],
)
def test_a_card_with_3d_secure_waits_for_its_holder(
    client: stripe.StripeClient, simulator: SimulatorProcess, token: str, status_after: str
):
    intent = pay(client, token)
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert (intent.next_action.type, intent.latest_charge) == ("use_stripe_sdk", None)
    seen = simulator.authenticate(str(intent.client_secret))
    assert seen["status"] == status_after
    kept = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert kept.next_action is None
    assert isinstance(kept.latest_charge, stripe.Charge)
    assert kept.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


@pytest.mark.parametrize("outcome", ["fail", "cancel"])
def test_a_failed_or_closed_challenge_charges_nothing(
    client: stripe.StripeClient, simulator: SimulatorProcess, outcome: str
):
    intent = pay(client, "pm_card_threeDSecure2Required")
    simulator.authenticate(str(intent.client_secret), outcome)
    kept = client.v1.payment_intents.retrieve(intent.id)
    assert (kept.status, kept.latest_charge, kept.payment_method) == ("requires_payment_method", None, None)
    assert kept.last_payment_error.code == "payment_intent_authentication_failure"
    assert kept.last_payment_error.payment_method.card.last4 == "3220"


def test_a_challenge_that_is_answered_twice_pays_once(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = pay(client, "pm_card_threeDSecure2Required")
    for outcome in ("complete", "complete", "fail"):
        assert simulator.authenticate(str(intent.client_secret), outcome)["status"] == "succeeded"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_redirect_to_the_bank_comes_back_to_the_return_url(client: stripe.StripeClient):
    intent = client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "eur",
            "payment_method": "pm_card_threeDSecure2Required",
            "confirm": True,
            "return_url": "https://portal.example/back?order=7",
        }
    )
    action = intent.next_action.redirect_to_url
    address = action.url.replace("?", "/complete?")
    answer = httpx.post(address, headers={"Accept": "text/html"}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        (
            f"https://portal.example/back?order=7&payment_intent={intent.id}"
            f"&payment_intent_client_secret={intent.client_secret}&redirect_status=succeeded"
        ),
    )


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (100_000_000, "usd", "amount_too_large"),
        (100_000_000, "jpy", "amount_too_large"),
        (49, "usd", "amount_too_small"),
        (0, "usd", "parameter_invalid_integer"),
        (-5, "usd", "parameter_invalid_integer"),
    ],
)
def test_an_amount_that_stripe_does_not_take(client: stripe.StripeClient, amount: int, currency: str, code: str):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (raised.value.http_status, raised.value.code, raised.value.param) == (400, code, "amount")
    assert client.v1.payment_intents.list().data == []


@pytest.mark.parametrize(("amount", "currency"), [(99_999_999, "usd"), (50, "usd"), (99_999_999, "jpy"), (30, "gbp")])
def test_the_largest_and_smallest_amounts_are_taken(client: stripe.StripeClient, amount: int, currency: str):
    assert client.v1.payment_intents.create({"amount": amount, "currency": currency}).amount == amount


def test_the_sentence_for_too_large_an_amount_names_the_largest(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError, match=r"Amount must be no more than \$999,999\.99"):
        client.v1.payment_intents.create({"amount": 100_000_000, "currency": "usd"})


def test_an_intent_that_may_redirect_needs_a_return_url(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.create(
            {"amount": 5000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        )
    assert raised.value.param == "return_url"


def test_a_paid_intent_is_not_paid_again(client: stripe.StripeClient):
    intent = pay(client, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert raised.value.code == "payment_intent_unexpected_state"
    assert raised.value.json_body["error"]["payment_intent"]["id"] == intent.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.update(intent.id, {"amount": 1000})
    changed = client.v1.payment_intents.update(intent.id, {"metadata": {"order": "7"}})
    assert changed.metadata.to_dict() == {"order": "7"}
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_canceled_intent_takes_no_card(client: stripe.StripeClient):
    intent = client.v1.payment_intents.create(
        {"amount": 5000, "currency": "usd", "automatic_payment_methods": CARD_ONLY}
    )
    canceled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert raised.value.code == "payment_intent_unexpected_state"


def test_a_new_amount_voids_the_challenge_about_the_old_one(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = pay(client, "pm_card_threeDSecure2Required")
    changed = client.v1.payment_intents.update(intent.id, {"amount": 9900, "metadata": {"seats": "20"}})
    assert (changed.status, changed.amount, changed.next_action) == ("requires_confirmation", 9900, None)
    assert simulator.authenticate(str(intent.client_secret))["status"] == "requires_confirmation"
    assert client.v1.payment_intents.confirm(intent.id).status == "requires_action"
    assert simulator.authenticate(str(intent.client_secret))["status"] == "succeeded"
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 9900


def test_a_card_that_was_not_saved_is_good_for_one_payment(client: stripe.StripeClient):
    method = client.v1.payment_methods.retrieve("pm_card_visa")
    assert pay(client, method.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        pay(client, method.id)


def test_fields_are_ids_unless_expanded(client: stripe.StripeClient):
    customer = client.v1.customers.create({"email": "ana@brightwater.example"})
    intent = pay(client, "pm_card_visa", customer=customer.id)
    assert all(isinstance(part, str) for part in (intent.customer, intent.payment_method, intent.latest_charge))
    wide = client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["customer", "payment_method", "latest_charge.balance_transaction"]}
    )
    assert isinstance(wide.customer, stripe.Customer)
    assert isinstance(wide.payment_method, stripe.PaymentMethod)
    assert isinstance(wide.latest_charge, stripe.Charge)
    assert isinstance(wide.latest_charge.balance_transaction, stripe.BalanceTransaction)
    assert (wide.latest_charge.balance_transaction.fee, wide.latest_charge.balance_transaction.net) == (7129, 237671)
    assert "refunds" not in wide.latest_charge
    charge = client.v1.charges.retrieve(wide.latest_charge.id, {"expand": ["refunds"]})
    assert charge.refunds is not None
    assert charge.refunds.data == []
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(intent.id, {"expand": ["amount"]})


def test_a_held_payment_is_processing_until_it_is_settled(client: stripe.StripeClient, simulator: SimulatorProcess):
    simulator.control("POST", "/payments/hold", {"times": 2})
    good, bad = pay(client, "pm_card_visa"), pay(client, "pm_card_visa")
    assert (good.status, good.latest_charge, bad.status) == ("processing", None, "processing")
    simulator.control("POST", f"/payment_intents/{good.id}/settle", {"succeeds": True})
    simulator.control("POST", f"/payment_intents/{bad.id}/settle", {"succeeds": False})
    assert client.v1.payment_intents.retrieve(good.id).status == "succeeded"
    assert client.v1.payment_intents.retrieve(bad.id).status == "requires_payment_method"
    assert pay(client, "pm_card_visa").status == "succeeded"
