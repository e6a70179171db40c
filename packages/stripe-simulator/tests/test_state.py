"""What is kept over a restart, and what the control plane lists and refuses."""

from pathlib import Path

import httpx
import pytest
import stripe

from conftest import Receiver
from simulator import SimulatorProcess


def pay(simulator: SimulatorProcess) -> stripe.PaymentIntent:
    client = stripe.StripeClient("sk_test_suite", base_addresses={"api": simulator.origin})
    return client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        },
        {"idempotency_key": "order:1:attempt:1"},
    )


def test_a_killed_simulator_has_all_that_it_answered(tmp_path: Path):
    running = SimulatorProcess(state=tmp_path / "state.sqlite3")
    running.start()
    try:
        running.advance_clock(3600)
        intent = pay(running)
        running.kill()
        running.start()
        assert pay(running).id == intent.id
        assert running.state()["clock_offset"] == 3600
    finally:
        running.kill()


def test_a_delivery_that_waited_is_made_after_the_restart(tmp_path: Path, receiver: Receiver):
    arguments = {"webhook_url": receiver.url, "webhook_secrets": ("whsec_suite",)}
    with SimulatorProcess(state=tmp_path / "state.sqlite3", **arguments) as running:
        running.set_webhook(receiver.url, "whsec_suite", events=["payment_intent.succeeded"])
        running.spoil_next_event("delay", type="payment_intent.succeeded", seconds=3600)
        pay(running)
        assert running.stop() == 0
        running.start()
        assert running.state()["deliveries"] == {"pending": 1}
        running.advance_clock(3601)
        running.wait_until_delivered()
    assert b'"payment_intent.succeeded"' in receiver.bodies[-1]
    stripe.Webhook.construct_event(receiver.bodies[-1], receiver.signatures[-1], "whsec_suite")


def test_in_memory_nothing_is_kept():
    with SimulatorProcess() as running:
        first = pay(running).id
        running.stop()
        running.start()
        assert pay(running).id != first


def test_a_reset_empties_everything_but_the_webhook(simulator: SimulatorProcess, receiver: Receiver):
    pay(simulator)
    simulator.advance_clock(60)
    simulator.fail_next()
    simulator.reset()
    state = simulator.state()
    assert (state["clock_offset"], state["faults"], state["deliveries"]) == (0, [], {})
    assert state["webhook"]["url"] == receiver.url
    assert simulator.requests() == []


def test_requests_are_listed_without_card_data(simulator: SimulatorProcess):
    form = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12"}
    form |= {"card[exp_year]": "34", "card[cvc]": "123"}
    headers = {"Authorization": "Bearer pk_test_suite", "Idempotency-Key": "one"}
    httpx.post(f"{simulator.origin}/v1/payment_methods", data=form, headers=headers, trust_env=False)
    (request,) = simulator.requests()
    assert request["params"]["card"] == {"number": "•••", "exp_month": "12", "exp_year": "34", "cvc": "•••"}
    assert (request["method"], request["path"], request["status"]) == ("POST", "/v1/payment_methods", 200)
    assert (request["idempotency_key"], request["replayed"]) == ("one", False)


def test_faults_can_be_taken_back(simulator: SimulatorProcess):
    simulator.fail_next(times=3)
    simulator.spoil_next_event("drop")
    simulator.clear_faults()
    assert pay(simulator).status == "succeeded"
    assert (simulator.state()["faults"], simulator.state()["event_faults"]) == ([], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/webhook", {}),
        ("/webhook", {"url": "http://127.0.0.1:1/"}),
        ("/webhook", {"url": "ftp://127.0.0.1:1/", "secret": "whsec_suite"}),
        ("/clock", {}),
        ("/clock", {"offset": "soon"}),
        ("/faults", {"how": "sometimes"}),
        ("/faults", {"how": "error", "colour": "red"}),
        ("/faults", {"how": "alter", "when": "never"}),
        ("/event_faults", {"how": "eat"}),
        ("/deliveries/release", {"order": "sideways"}),
        ("/disputes/du_1/decide", {"verdict": "maybe"}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(simulator: SimulatorProcess, path: str, body: dict[str, object]):
    answer = httpx.post(f"{simulator.origin}/_simulator{path}", json=body, trust_env=False)
    assert answer.status_code == 400
    assert simulator.state()["faults"] == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://portal.example"}, {"Origin": "null"}, {"Host": "rebound.example"}]
)
def test_foreign_pages_have_no_control(simulator: SimulatorProcess, headers: dict[str, str]):
    simulator.advance_clock(60)
    answer = httpx.post(f"{simulator.origin}/_simulator/reset", json={}, headers=headers, trust_env=False)
    assert (answer.status_code, simulator.state()["clock_offset"]) == (403, 60)


def test_an_unknown_event_is_not_redelivered(simulator: SimulatorProcess):
    answer = httpx.post(f"{simulator.origin}/_simulator/events/evt_1/redeliver", json={}, trust_env=False)
    assert answer.status_code == 404
