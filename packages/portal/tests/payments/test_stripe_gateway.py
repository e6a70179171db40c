"""The boundary to Stripe: what is really sent and what comes back, judged by Stripe's own description."""

from __future__ import annotations

import uuid

import pytest

from keywright_portal.domain.money import Money
from keywright_portal.payments.gateway import LARGEST_CHARGE, GatewayError, IntentState
from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import SimulatorProcess, free_port

SUM = Money(2_448_000, "USD")


@pytest.fixture
def customer(stripe_gateway):
    return stripe_gateway.create_customer(
        organization_id="org-1", name="Brightwater Logistics", email="billing@brightwater.example", idempotency_key="c1"
    )


@pytest.fixture
def create(stripe_gateway, customer):
    def _create(amount=SUM, *, save_card=False, key=None):
        return stripe_gateway.create_intent(
            amount=amount,
            customer_id=customer,
            order_id="order-1",
            save_card=save_card,
            idempotency_key=key or str(uuid.uuid4()),
        )

    return _create


def sent(simulator: SimulatorProcess, method: str, path: str) -> list[dict]:
    return [asked for asked in simulator.requests() if (asked["method"], asked["path"]) == (method, path)]


# ---- Paying ----------------------------------------------------------------------------------------------------------


def test_an_intent_is_made_of_the_sum_with_our_orders_id_in_it(create, stripe_gateway):
    intent = create()
    assert (intent.state, intent.amount, intent.order_id) == (IntentState.REQUIRES_PAYMENT_METHOD, SUM, "order-1")
    assert (intent.card, intent.failure) == (None, None)
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert stripe_gateway.get_intent(intent_id=intent.id) == intent


@pytest.mark.parametrize(("save_card", "usage"), [(True, "off_session"), (False, None)])
def test_the_card_is_kept_only_where_the_buyer_asked(create, cardholder, save_card, usage):
    intent = create(save_card=save_card)
    assert cardholder.v1.payment_intents.retrieve(intent.id).setup_future_usage == usage


def test_no_payment_leaves_the_page_and_stripe_chooses_the_methods(create, cardholder):
    methods = cardholder.v1.payment_intents.retrieve(create().id).automatic_payment_methods
    assert (methods.enabled, methods.allow_redirects) == (True, "never")


def test_a_paid_intent_tells_what_was_received_and_by_which_card(create, stripe_gateway, cardholder):
    intent = create()
    cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    paid = stripe_gateway.get_intent(intent_id=intent.id)
    assert (paid.state, paid.amount, paid.failure) == (IntentState.SUCCEEDED, SUM, None)
    assert (paid.card.brand, paid.card.last4, paid.card.method_id[:3]) == ("visa", "4242", "pm_")
    assert paid.card.expires_year > 2026


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_declined_card_is_a_failure_with_a_code_and_the_intent_takes_another(
    create, stripe_gateway, cardholder, method, code
):
    intent = create()
    with pytest.raises(Exception, match="card"):
        cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": method})
    declined = stripe_gateway.get_intent(intent_id=intent.id)
    assert (declined.state, declined.failure.code) == (IntentState.REQUIRES_PAYMENT_METHOD, code)
    assert declined.failure.message
    cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    paid = stripe_gateway.get_intent(intent_id=intent.id)
    assert (paid.state, paid.failure) == (IntentState.SUCCEEDED, None)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("complete", IntentState.SUCCEEDED), ("fail", IntentState.REQUIRES_PAYMENT_METHOD)],
)
def test_a_challenge_is_waited_for(*, create, stripe_gateway, cardholder, simulator, outcome, state):
    intent = create()
    cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_authenticationRequired"})
    assert stripe_gateway.get_intent(intent_id=intent.id).state is IntentState.REQUIRES_ACTION
    simulator.authenticate(intent.client_secret, outcome)
    assert stripe_gateway.get_intent(intent_id=intent.id).state is state


def test_the_same_key_is_the_same_intent(create, simulator):
    assert create(key="order:1:attempt:1").id == create(key="order:1:attempt:1").id
    assert create(key="order:1:attempt:2").id != create(key="order:1:attempt:1").id


def test_the_largest_sum_is_taken_and_a_cent_more_is_refused(create):
    assert create(Money(LARGEST_CHARGE, "USD")).amount.amount == LARGEST_CHARGE
    with pytest.raises(GatewayError) as refused:
        create(Money(LARGEST_CHARGE + 1, "USD"))
    assert "999,999.99" in refused.value.provider_message


# ---- Letting go ------------------------------------------------------------------------------------------------------


def test_a_cancelled_intent_cannot_be_paid_and_cancelling_it_again_is_no_error(create, stripe_gateway, cardholder):
    intent = create()
    assert stripe_gateway.cancel_intent(intent_id=intent.id).state is IntentState.CANCELED
    assert stripe_gateway.cancel_intent(intent_id=intent.id).state is IntentState.CANCELED
    with pytest.raises(Exception, match="canceled"):
        cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})


def test_a_paid_intent_is_past_cancelling_and_says_so(create, stripe_gateway, cardholder):
    intent = create()
    cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert stripe_gateway.cancel_intent(intent_id=intent.id).state is IntentState.SUCCEEDED


# ---- Cards -----------------------------------------------------------------------------------------------------------


def test_a_card_is_saved_without_a_payment_and_forgotten_again(stripe_gateway, customer, cardholder):
    setup = stripe_gateway.create_card_setup(customer_id=customer)
    assert (setup.succeeded, setup.customer_id, setup.card) == (False, customer, None)
    cardholder.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_mastercard"})
    saved = stripe_gateway.get_card_setup(setup_id=setup.id)
    assert (saved.succeeded, saved.customer_id, saved.card.brand) == (True, customer, "mastercard")
    stripe_gateway.detach_card(method_id=saved.card.method_id)
    assert cardholder.v1.payment_methods.list({"customer": customer}).data == []
    stripe_gateway.detach_card(method_id=saved.card.method_id)


def test_a_customer_holds_the_organization_that_it_is(stripe_gateway, customer, cardholder):
    made = cardholder.v1.customers.retrieve(customer)
    assert (made.name, made.email, made.metadata["organization_id"]) == (
        "Brightwater Logistics",
        "billing@brightwater.example",
        "org-1",
    )


def test_an_organization_without_a_billing_address_is_a_customer_all_the_same(stripe_gateway):
    assert stripe_gateway.create_customer(
        organization_id="org-2", name="No Address Ltd", email="", idempotency_key="c2"
    ).startswith("cus_")


# ---- When it goes wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_cut_in_the_answer_leads_to_the_one_intent_when_it_is_asked_for_again(
    create, simulator, cardholder, when
):
    simulator.fail_next(how="disconnect", when=when, method="POST", path="/v1/payment_intents")
    with pytest.raises(GatewayError):
        create(key="order:1:attempt:1")
    intent = create(key="order:1:attempt:1")
    assert [one.id for one in cardholder.v1.payment_intents.list().data] == [intent.id]


def test_a_provider_that_is_busy_for_a_moment_is_asked_again_without_anybody_noticing(create, simulator):
    simulator.fail_next(how="error", status=503, method="POST", path="/v1/payment_intents")
    assert create().state is IntentState.REQUIRES_PAYMENT_METHOD
    assert len(sent(simulator, "POST", "/v1/payment_intents")) == 2


@pytest.mark.parametrize("how", ["error", "disconnect"])
def test_a_provider_that_stays_away_is_one_error_of_ours(create, simulator, how):
    simulator.fail_next(how=how, method="POST", path="/v1/payment_intents", times=10)
    with pytest.raises(GatewayError) as failed:
        create()
    assert failed.value.code == "payment_provider_unavailable"
    assert failed.value.provider_message


def test_a_provider_that_nobody_reaches_is_the_same_error():
    gateway = StripeGateway(secret_key="sk_test_x", api_url=f"http://127.0.0.1:{free_port()}", webhook_secrets=[])
    with pytest.raises(GatewayError):
        gateway.get_intent(intent_id="pi_1")


def test_an_intent_that_the_provider_does_not_know_is_the_same_error(stripe_gateway):
    with pytest.raises(GatewayError) as failed:
        stripe_gateway.get_intent(intent_id="pi_unknown")
    assert "pi_unknown" in failed.value.provider_message


# ---- The judge judges ------------------------------------------------------------------------------------------------


def test_every_call_was_judged_and_a_planted_field_is_caught(create, stripe_gateway, simulator):
    create()
    assert len(sent(simulator, "POST", "/v1/payment_intents")) == 1
    with pytest.raises(AssertionError, match="isn't as Stripe describes it"):
        stripe_gateway._client.v1.payment_intents.create({"amount": 100, "currency": "usd", "colour": "blue"})
    assert len(sent(simulator, "POST", "/v1/payment_intents")) == 1, "what is wrong never left"


def test_a_value_of_the_wrong_kind_is_caught(stripe_gateway):
    with pytest.raises(AssertionError, match="isn't as Stripe describes it"):
        stripe_gateway._client.v1.setup_intents.create({"usage": "whenever"})
