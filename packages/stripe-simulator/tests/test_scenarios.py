"""What the portal relies on, played against the simulator, and with STRIPE_TEST_KEY set (`sk_test_…`) also against
Stripe's test mode: the same calls, the same expectations. Nothing here uses the control plane or looks behind the API.
"""

import os
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import stripe

from simulator import SimulatorProcess
from stripe_description import checked_http_client

Found = TypeVar("Found")
CARD_ONLY: Any = {"enabled": True, "allow_redirects": "never"}
PATIENCE = 30.0
"""Seconds until Stripe has made an event or opened a dispute; the simulator does it at once."""
AMOUNT = 244_800


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "provider" in metafunc.fixturenames:
        names = ["simulator", *(["stripe"] if os.environ.get("STRIPE_TEST_KEY") else [])]
        metafunc.parametrize("provider", names, indirect=True)


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> stripe.StripeClient:
    if request.param == "stripe":
        key = os.environ["STRIPE_TEST_KEY"]
        assert key.startswith("sk_test_"), "STRIPE_TEST_KEY must be a test key: these tests move money."
        return stripe.StripeClient(key, http_client=checked_http_client())
    simulator: SimulatorProcess = request.getfixturevalue("simulator")
    return stripe.StripeClient(
        "sk_test_suite", base_addresses={"api": simulator.origin}, http_client=checked_http_client()
    )


@pytest.fixture
def customer(provider: stripe.StripeClient) -> str:
    made = provider.v1.customers.create({"name": "Brightwater", "email": "billing@brightwater.example"})
    return made.id


def asked(token: str, **more: Any) -> Any:
    """Parameters of a payment."""
    return {
        "amount": AMOUNT,
        "currency": "usd",
        "payment_method": token,
        "confirm": True,
        "automatic_payment_methods": CARD_ONLY,
        **more,
    }


def eventually(look: Callable[[], list[Found]]) -> Found:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found[0]
        assert time.monotonic() < deadline, f"Nothing came within {PATIENCE} s."
        time.sleep(1)


@pytest.mark.parametrize("token", ["pm_card_visa", "pm_card_mastercard"])
def test_a_good_card_pays(provider: stripe.StripeClient, token: str):
    intent = provider.v1.payment_intents.create(asked(token, metadata={"order_id": "7"}))
    assert (intent.status, intent.amount_received, intent.last_payment_error) == ("succeeded", AMOUNT, None)
    event = eventually(
        lambda: [
            event
            for event in provider.v1.events.list({"type": "payment_intent.succeeded"}).data
            if event.data.object["id"] == intent.id
        ]
    )
    assert event.data.object["metadata"]["order_id"] == "7"


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_bad_card_is_a_402_and_stays_in_the_last_error(
    provider: stripe.StripeClient, token: str, code: str, decline_code: str | None
):
    with pytest.raises(stripe.CardError) as raised:
        provider.v1.payment_intents.create(asked(token))
    error = raised.value.json_body["error"]
    assert (raised.value.http_status, raised.value.code) == (402, code)
    kept = provider.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (kept.status, kept.amount_received) == ("requires_payment_method", 0)
    last: Any = kept.last_payment_error
    assert (last.type, last.code) == ("card_error", code)
    if decline_code is not None:
        assert last.decline_code == decline_code
    again = provider.v1.payment_intents.confirm(kept.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize(
    "token",
    ["pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup", "pm_card_threeDSecure2Required"],
)
def test_a_card_with_3d_secure_waits_for_its_holder(provider: stripe.StripeClient, token: str):
    intent = provider.v1.payment_intents.create(asked(token))
    assert (intent.status, intent.amount_received) == ("requires_action", 0)
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    canceled = provider.v1.payment_intents.cancel(intent.id)
    assert (canceled.status, canceled.next_action) == ("canceled", None)


def test_without_its_holder_such_a_card_is_a_402(provider: stripe.StripeClient, customer: str):
    saved = provider.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer})
    with pytest.raises(stripe.CardError) as raised:
        provider.v1.payment_intents.create(asked(saved.id, customer=customer, off_session=True))
    error = raised.value.json_body["error"]
    assert (raised.value.http_status, error["code"]) == (402, "authentication_required")
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_method"]["id"] == saved.id


def test_a_saved_card_pays_without_its_holder_until_it_is_taken_away(provider: stripe.StripeClient, customer: str):
    setup = provider.v1.setup_intents.create(
        {
            "customer": customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "usage": "off_session",
            "automatic_payment_methods": CARD_ONLY,
        }
    )
    assert setup.status == "succeeded"
    (saved,) = provider.v1.payment_methods.list({"customer": customer, "type": "card"}).data
    assert (saved.id, saved.customer) == (setup.payment_method, customer)
    paid = provider.v1.payment_intents.create(asked(saved.id, customer=customer, off_session=True))
    assert (paid.status, paid.payment_method) == ("succeeded", saved.id)
    assert provider.v1.payment_methods.detach(saved.id).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        provider.v1.payment_intents.create(asked(saved.id, customer=customer, off_session=True))
    with pytest.raises(stripe.InvalidRequestError):
        provider.v1.payment_methods.detach(saved.id)


def test_the_same_card_has_the_same_fingerprint(provider: stripe.StripeClient, customer: str):
    saved = [provider.v1.payment_methods.attach("pm_card_visa", {"customer": customer}) for _ in range(2)]
    fingerprints = {method.card.fingerprint for method in saved if method.card}
    assert (len({method.id for method in saved}), len(fingerprints)) == (2, 1)


def test_a_key_is_replayed_and_is_for_one_request(provider: stripe.StripeClient):
    key = f"order:{uuid.uuid4()}:attempt:1"
    first = provider.v1.payment_intents.create(asked("pm_card_visa"), {"idempotency_key": key})
    again = provider.v1.payment_intents.create(asked("pm_card_visa"), {"idempotency_key": key})
    assert again.id == first.id
    with pytest.raises(stripe.IdempotencyError) as raised:
        provider.v1.payment_intents.create(asked("pm_card_visa", amount=AMOUNT + 1), {"idempotency_key": key})
    assert raised.value.http_status == 400


def test_a_decline_is_replayed(provider: stripe.StripeClient):
    key, failed = f"order:{uuid.uuid4()}:attempt:1", []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as raised:
            provider.v1.payment_intents.create(asked("pm_card_visa_chargeDeclined"), {"idempotency_key": key})
        failed.append(raised.value.json_body["error"]["payment_intent"]["id"])
    assert failed[0] == failed[1]


def test_a_charge_is_refunded_in_parts_up_to_its_amount(provider: stripe.StripeClient):
    intent = provider.v1.payment_intents.create(asked("pm_card_visa"))
    part = provider.v1.refunds.create({"payment_intent": intent.id, "amount": 4_800})
    with pytest.raises(stripe.InvalidRequestError):
        provider.v1.refunds.create({"payment_intent": intent.id, "amount": AMOUNT})
    rest = provider.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert (part.status, part.amount, rest.amount) == ("succeeded", 4_800, AMOUNT - 4_800)
    charge = provider.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (AMOUNT, True)
    assert {refund.id for refund in provider.v1.refunds.list({"payment_intent": intent.id}).data} == {part.id, rest.id}
    with pytest.raises(stripe.InvalidRequestError) as raised:
        provider.v1.refunds.create({"payment_intent": intent.id})
    assert raised.value.code == "charge_already_refunded"


def test_a_holder_disputes(provider: stripe.StripeClient):
    intent = provider.v1.payment_intents.create(asked("pm_card_createDispute"))
    dispute = eventually(lambda: provider.v1.disputes.list({"payment_intent": intent.id}).data)
    assert (dispute.amount, dispute.currency, dispute.reason) == (AMOUNT, "usd", "fraudulent")
    assert (dispute.status, dispute.charge) == ("needs_response", intent.latest_charge)
    assert provider.v1.charges.retrieve(str(intent.latest_charge)).disputed is True
    lost = provider.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "losing_evidence"}})
    closed = eventually(lambda: [one for one in [provider.v1.disputes.retrieve(lost.id)] if one.status == "lost"])
    assert closed.amount == AMOUNT


def test_what_is_over_is_over(provider: stripe.StripeClient):
    paid = provider.v1.payment_intents.create(asked("pm_card_visa"))
    with pytest.raises(stripe.InvalidRequestError) as raised:
        provider.v1.payment_intents.cancel(paid.id)
    assert raised.value.code == "payment_intent_unexpected_state"
    canceled = provider.v1.payment_intents.create({"amount": AMOUNT, "currency": "usd"})
    provider.v1.payment_intents.cancel(canceled.id)
    for intent in (paid, canceled):
        with pytest.raises(stripe.InvalidRequestError) as raised:
            provider.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        assert raised.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [(100_000_000, "usd", "amount_too_large"), (49, "usd", "amount_too_small"), (49, "jpy", "amount_too_small")],
)
def test_an_amount_that_is_not_taken(provider: stripe.StripeClient, amount: int, currency: str, code: str):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        provider.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (raised.value.http_status, raised.value.code) == (400, code)


@pytest.mark.parametrize(("amount", "currency"), [(99_999_999, "usd"), (99_999_999, "jpy"), (50, "eur")])
def test_the_largest_and_smallest_amounts_are_taken(provider: stripe.StripeClient, amount: int, currency: str):
    made = provider.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (made.amount, made.currency, made.status) == (amount, currency, "requires_payment_method")
    provider.v1.payment_intents.cancel(made.id)


def test_fields_are_ids_unless_expanded(provider: stripe.StripeClient, customer: str):
    intent = provider.v1.payment_intents.create(asked("pm_card_visa", customer=customer))
    assert (intent.customer, type(intent.latest_charge)) == (customer, str)
    expand = {"expand": ["customer", "latest_charge.balance_transaction", "payment_method"]}
    expanded: Any = provider.v1.payment_intents.retrieve(intent.id, expand)  # type: ignore[arg-type]  # a plain dict
    assert (expanded.customer.id, expanded.payment_method.card.last4) == (customer, "4242")
    moved = expanded.latest_charge.balance_transaction
    assert (moved.type, moved.amount, moved.net) == ("charge", AMOUNT, AMOUNT - moved.fee)
    assert "refunds" not in expanded.latest_charge.to_dict()


def test_what_is_missing_is_a_404(provider: stripe.StripeClient):
    for look in (provider.v1.payment_intents.retrieve, provider.v1.refunds.retrieve, provider.v1.charges.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as raised:
            look("nothing_of_this_name")
        assert (raised.value.http_status, raised.value.code) == (404, "resource_missing")
