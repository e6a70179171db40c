"""Whole purchases through the real boundary: our services, StripeGateway, and the simulator in a process of its own.

Every call is judged by Stripe's own description on the way.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import stripe

from keywright_portal.billing.models import Invoice, Payment, SavedCard
from keywright_portal.kit.actor import system
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_problem import record_problem
from keywright_portal.payments.gateway import GatewayError, IntentState
from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import simulator, simulator_process  # noqa: F401 (fixtures)
from stripe_description import checked_http_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def gateway(monkeypatch, simulator):  # noqa: F811 (a fixture's name)
    """In place of the double: what production uses."""
    monkeypatch.setattr(stripe, "RequestsClient", type(checked_http_client()))
    made = StripeGateway(secret_key="sk_test_portal", api_url=simulator.origin, webhook_secrets=[])
    monkeypatch.setattr(tasks, "gateway", lambda: made)
    return made


@pytest.fixture
def pay(simulator):  # noqa: F811 (a fixture's name)
    """What the buyer's browser does with the card."""
    client = stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin})
    return lambda intent, card="pm_card_visa": client.v1.payment_intents.confirm(intent.id, {"payment_method": card})


@pytest.fixture
def later(monkeypatch, now):
    monkeypatch.setattr(tasks.clock, "now", lambda: now + tasks.SETTLES_AFTER)


def state_of(order):
    order.refresh_from_db()
    return order.state


def test_where_every_webhook_was_lost_the_reconciler_alone_gets_there(choose, complete, pay, later):
    order = choose()
    pay(complete(order, save_card=True))
    assert tasks.reconcile() == 1
    assert state_of(order) == OrderState.FULFILLED
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency, payment.card_brand, payment.card_last4) == (
        2_448_000,
        "USD",
        "visa",
        "4242",
    )
    assert (License.objects.count(), Invoice.objects.count(), SavedCard.objects.count()) == (1, 1, 1)


def test_a_provider_that_is_away_is_asked_next_time(choose, complete, pay, later, simulator):  # noqa: F811
    order = choose()
    pay(complete(order))
    simulator.fail_next(how="error", method="GET", path="/v1/payment_intents/*", times=3)
    assert (tasks.reconcile(), state_of(order)) == (0, OrderState.PAYING)
    assert (tasks.reconcile(), state_of(order)) == (1, OrderState.FULFILLED)


def test_complete_again_is_the_same_intent_at_the_provider(choose, complete):
    order = choose()
    assert complete(order).id == complete(order).id
    assert PaymentAttempt.objects.count() == 1


def test_a_connection_cut_while_the_intent_is_made_leads_to_one_intent(
    choose,
    complete,
    pay,
    later,
    simulator,  # noqa: F811
):
    order = choose()
    simulator.fail_next(how="disconnect", when="after", method="POST", path="/v1/payment_intents")
    with pytest.raises(GatewayError):
        complete(order)
    pay(complete(order))
    assert (tasks.reconcile(), Payment.objects.count(), state_of(order)) == (1, 1, OrderState.FULFILLED)


def test_a_declined_card_is_told_and_the_next_card_pays_the_same_order(
    *, choose, complete, pay, gateway, buyer, now, later
):
    order = choose()
    intent = complete(order)
    with pytest.raises(stripe.CardError):
        pay(intent, "pm_card_visa_chargeDeclinedInsufficientFunds")
    problem = record_problem(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    assert (problem.code, state_of(order)) == ("insufficient_funds", OrderState.OPEN)
    again = complete(order)
    assert again.id == intent.id
    pay(again)
    assert (tasks.reconcile(), state_of(order)) == (1, OrderState.FULFILLED)


@pytest.mark.parametrize(
    ("outcome", "state"), [("complete", OrderState.FULFILLED), ("fail", OrderState.OPEN), ("cancel", OrderState.OPEN)]
)
def test_a_challenge_ends_in_a_license_or_in_an_order_to_try_again(
    *,
    choose,
    complete,
    pay,
    gateway,
    buyer,
    now,
    outcome,
    state,
    simulator,  # noqa: F811
):
    order = choose()
    intent = complete(order)
    pay(intent, "pm_card_authenticationRequired")
    simulator.authenticate(intent.client_secret, outcome)
    record_problem(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    assert (state_of(order), License.objects.count()) == (state, int(state == OrderState.FULFILLED))


def test_a_changed_order_leaves_nothing_at_the_provider_that_could_be_paid(choose, complete, pay, gateway):
    first = complete(choose())
    order = choose(seats=100)
    assert gateway.get_intent(intent_id=first.id).state is IntentState.CANCELED
    second = complete(order)
    assert (second.id != first.id, second.amount.amount) == (True, 1_224_000)
    with pytest.raises(stripe.InvalidRequestError):
        pay(first)


def test_changing_an_order_that_was_paid_meanwhile_fulfils_it(choose, complete, pay):
    order = choose()
    pay(complete(order))
    with pytest.raises(OrderChangedError):
        choose(seats=100)
    assert (state_of(order), order.seats, License.objects.count()) == (OrderState.FULFILLED, 200, 1)


def test_a_discarded_order_cannot_be_paid(*, choose, complete, pay, gateway, buyer, now):
    order = choose()
    intent = complete(order)
    discard_order(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    with pytest.raises(stripe.InvalidRequestError):
        pay(intent)
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("webhook"), now=now + timedelta(hours=1))
    assert (state_of(order), License.objects.count()) == (OrderState.DISCARDED, 0)
