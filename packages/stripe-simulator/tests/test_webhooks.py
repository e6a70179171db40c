"""Events and their deliveries: signed as Stripe signs, retried, and spoiled on purpose."""

import json
import time
from typing import Any

import pytest
import stripe

from conftest import Receiver
from simulator import SimulatorProcess, free_port
from stripe_description import check_event

DAY = 24 * 3600


def pay(client: stripe.StripeClient, token: str = "pm_card_visa") -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": token,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )


def received(receiver: Receiver) -> list[Any]:
    return [json.loads(body) for body in receiver.bodies]


def types(receiver: Receiver) -> list[str]:
    return [event["type"] for event in received(receiver)]


def wait_for(receiver: Receiver, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(receiver.bodies) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(receiver.bodies) == count, types(receiver)


def test_a_payments_events_arrive_signed_and_as_described(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    intent = pay(client)
    simulator.wait_until_delivered()
    assert sorted(types(receiver)) == ["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"]
    for body, signature in zip(receiver.bodies, receiver.signatures, strict=True):
        event = stripe.Webhook.construct_event(body, signature, "whsec_suite")
        assert event.api_version == "2026-05-27.dahlia"
        check_event(json.loads(body))
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, signature, "whsec_other")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", signature, "whsec_suite")
    succeeded = next(event for event in received(receiver) if event["type"] == "payment_intent.succeeded")
    assert succeeded["data"]["object"] == json.loads(json.dumps(intent.to_dict()))
    assert succeeded["request"]["id"].startswith("req_")
    kept = client.v1.events.retrieve(succeeded["id"])
    assert (kept.type, kept.pending_webhooks) == ("payment_intent.succeeded", 0)


def test_while_a_secret_is_rolled_both_verify(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    simulator.set_webhook(receiver.url, "whsec_old", "whsec_new", events=["payment_intent.succeeded"])
    pay(client)
    wait_for(receiver, 1)
    for secret in ("whsec_old", "whsec_new"):
        assert stripe.Webhook.construct_event(receiver.bodies[0], receiver.signatures[0], secret).id


@pytest.mark.parametrize(
    ("token", "outcome", "expected"),
    [
        (
            "pm_card_visa_chargeDeclined",
            None,
            ["charge.failed", "payment_intent.created", "payment_intent.payment_failed"],
        ),
        (
            "pm_card_threeDSecure2Required",
            "fail",
            ["payment_intent.created", "payment_intent.payment_failed", "payment_intent.requires_action"],
        ),
    ],
)
def test_a_failed_payment_has_its_events(
    client: stripe.StripeClient, simulator: SimulatorProcess, token: str, outcome: str | None, expected: list[str]
):
    if outcome is None:
        with pytest.raises(stripe.CardError):
            pay(client, token)
    else:
        simulator.authenticate(str(pay(client, token).client_secret), outcome)
    events = client.v1.events.list().data
    assert sorted(event.type for event in events) == expected


def test_a_delivery_that_fails_is_tried_again_until_it_arrives(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    simulator.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
    receiver.statuses = [500, 503]
    pay(client)
    wait_for(receiver, 1)
    simulator.advance_clock(2)
    wait_for(receiver, 2)
    simulator.advance_clock(10)
    wait_for(receiver, 3)
    simulator.wait_until_delivered()
    assert len({event["id"] for event in received(receiver)}) == 1
    (delivery,) = simulator.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["outcome"]) == ("delivered", 3, "HTTP 200")


def test_nobody_listening_is_tried_again_too(client: stripe.StripeClient, simulator: SimulatorProcess):
    simulator.set_webhook(f"http://127.0.0.1:{free_port()}/", "whsec_suite", events=["payment_intent.succeeded"])
    pay(client)
    deadline = time.monotonic() + 10
    while not simulator.deliveries()[0]["attempts"] and time.monotonic() < deadline:
        time.sleep(0.02)
    (delivery,) = simulator.deliveries()
    assert (delivery["state"], delivery["attempts"]) == ("pending", 1)
    assert delivery["outcome"] == "All connection attempts failed"


def test_after_three_days_it_is_given_up_and_the_event_stays(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    simulator.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
    receiver.statuses = [500] * 10
    pay(client)
    wait_for(receiver, 1)
    simulator.advance_clock(3 * DAY + 60)
    wait_for(receiver, 2)
    simulator.wait_until_delivered()
    assert [delivery["state"] for delivery in simulator.deliveries()] == ["failed"]
    (event,) = client.v1.events.list({"types": ["payment_intent.succeeded"], "delivery_success": False}).data
    assert event.pending_webhooks == 1
    simulator.redeliver(event.id)
    receiver.statuses = []
    wait_for(receiver, 3)
    assert {one["id"] for one in received(receiver)} == {event.id}


def test_an_event_is_redelivered_as_often_as_asked(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    simulator.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
    pay(client)
    wait_for(receiver, 1)
    simulator.redeliver(received(receiver)[0]["id"], times=20)
    wait_for(receiver, 21)
    assert len(set(receiver.bodies)) == 1


def test_events_are_kept_thirty_days(client: stripe.StripeClient, simulator: SimulatorProcess):
    pay(client)
    simulator.advance_clock(30 * DAY - 60)
    (event,) = client.v1.events.list({"type": "payment_intent.succeeded"}).data
    simulator.advance_clock(120)
    assert client.v1.events.list({"type": "payment_intent.succeeded"}).data == []
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.events.retrieve(event.id)
    assert raised.value.http_status == 404


def test_an_event_can_be_dropped_doubled_delayed_or_never_made(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver
):
    for how, more in (("drop", {}), ("duplicate", {}), ("delay", {"seconds": 600}), ("never_made", {})):
        simulator.spoil_next_event(how, type="payment_intent.succeeded", **more)
    simulator.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
    intents = [pay(client).id for _ in range(4)]
    wait_for(receiver, 2)
    assert [event["data"]["object"]["id"] for event in received(receiver)] == [intents[1]] * 2
    simulator.advance_clock(601)
    wait_for(receiver, 3)
    assert received(receiver)[2]["data"]["object"]["id"] == intents[2]
    listed = client.v1.events.list({"type": "payment_intent.succeeded"}).data
    assert [event.data.object["id"] for event in listed] == [intents[2], intents[1], intents[0]]


@pytest.mark.parametrize("order", ["made", "reversed", "chosen"])
def test_held_events_come_in_the_order_that_is_asked_for(
    client: stripe.StripeClient, simulator: SimulatorProcess, receiver: Receiver, order: str
):
    simulator.spoil_next_event("hold", times=100)
    for _ in range(4):
        pay(client)
    made = [event.id for event in reversed(client.v1.events.list({"limit": 100}).data)]
    assert (len(made), receiver.bodies) == (12, [])
    chosen = made[6:] + made[:6]
    expected = {"made": made, "reversed": made[::-1], "chosen": chosen}[order]
    simulator.release_held(chosen if order == "chosen" else order)
    wait_for(receiver, 12)
    assert [event["id"] for event in received(receiver)] == expected


def test_every_event_of_a_cards_life_is_made(client: stripe.StripeClient, simulator: SimulatorProcess):
    customer = client.v1.customers.create({})
    card_only: Any = {"enabled": True, "allow_redirects": "never"}
    saved = client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": card_only,
        }
    )
    client.v1.payment_methods.detach(str(saved.payment_method))
    simulator.control("POST", "/payments/hold", {})
    held = pay(client, "pm_card_threeDSecure2Required")
    simulator.authenticate(str(held.client_secret))
    simulator.control("POST", f"/payment_intents/{held.id}/settle", {"succeeds": True})
    off = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    client.v1.payment_intents.cancel(off.id)
    events = reversed(client.v1.events.list({"limit": 100}).data)
    assert [event.type for event in events] == [
        "customer.created",
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "payment_method.detached",
        "payment_intent.created",
        "payment_intent.requires_action",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "payment_intent.canceled",
    ]
