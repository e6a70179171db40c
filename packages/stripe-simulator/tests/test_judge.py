"""The judge over the wire: what anybody sends, gets or is told wrongly is seen, whoever it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from conftest import Receiver
from simulator import SimulatorProcess
from stripe_judge import Judge

INTENT = {"amount": 5000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "off_session": True}


@pytest.fixture
def strict() -> Iterator[SimulatorProcess]:
    """As the portal's tests have it. What a test leaves unjudged is judged at its end."""
    with SimulatorProcess() as running:
        yield running


def plain(simulator: SimulatorProcess) -> stripe.StripeClient:
    """The SDK without the client that checks."""
    return stripe.StripeClient("sk_test_suite", base_addresses={"api": simulator.origin}, max_network_retries=0)


def test_what_is_as_described_passes_and_is_counted(strict: SimulatorProcess):
    intent: Any = plain(strict).v1.payment_intents.create(INTENT)
    plain(strict).v1.payment_intents.retrieve(intent.id)
    strict.judge.judge()
    assert strict.judge.judged == 2
    plain(strict).v1.payment_intents.retrieve(intent.id)
    strict.judge.judge()
    assert strict.judge.judged == 3


@pytest.mark.parametrize(
    "fields",
    [{"colour": "red"}, {"amount": "5000"}, {"status": "paid"}, {"latest_charge": {"id": "ch_1", "object": "charge"}}],
)
def test_a_planted_wrong_field_of_an_answer_fails(strict: SimulatorProcess, fields: dict[str, Any]):
    strict.alter_next(fields)
    plain(strict).v1.payment_intents.create(INTENT)
    with pytest.raises(AssertionError, match="POST /v1/payment_intents: the answer 200 isn't as Stripe describes it"):
        strict.judge.judge()


def test_a_planted_wrong_parameter_fails_also_when_it_is_refused(strict: SimulatorProcess):
    wrong: Any = {**INTENT, "colour": "red"}
    with pytest.raises(stripe.InvalidRequestError):
        plain(strict).v1.payment_intents.create(wrong)
    with pytest.raises(AssertionError, match="POST /v1/payment_intents: the request isn't as Stripe describes it"):
        strict.judge.judge()


def test_a_call_to_a_place_that_stripe_has_not_fails(strict: SimulatorProcess):
    headers = {"Authorization": "Bearer sk_test_suite"}
    assert httpx.get(f"{strict.origin}/v1/payment_intent", headers=headers, trust_env=False).status_code == 404
    with pytest.raises(AssertionError, match="no path /v1/payment_intent"):
        strict.judge.judge()


def test_a_browsers_calls_and_the_webhooks_bodies_are_judged(simulator: SimulatorProcess, receiver: Receiver):
    before = simulator.judge.judged
    intent: Any = plain(simulator).v1.payment_intents.create(INTENT)
    query = {"client_secret": intent.client_secret}
    headers = {"Authorization": "Bearer pk_test_suite"}
    address = f"{simulator.origin}/v1/payment_intents/{intent.id}"
    assert httpx.get(address, params=query, headers=headers, trust_env=False).status_code == 200
    simulator.wait_until_delivered()
    simulator.judge.judge()
    assert simulator.judge.judged - before == 2 + len(receiver.bodies)
    assert len(receiver.bodies) == 3


def line(**content: Any) -> bytes:
    return json.dumps(content).encode() + b"\n"


def test_a_wrong_event_fails_and_a_line_under_way_waits(tmp_path: Path):
    record = tmp_path / "record.jsonl"
    judge = Judge(record)
    judge.judge()
    wrong = line(event={"object": "event", "type": "charge.refunded", "data": {"object": {"object": "charge"}}})
    record.write_bytes(wrong[:-1])
    judge.judge()
    assert judge.judged == 0
    record.write_bytes(wrong)
    with pytest.raises(AssertionError, match="the event isn't as Stripe describes it"):
        judge.judge()


def test_the_same_but_for_ids_and_times_is_judged_once_and_nothing_else_is(strict: SimulatorProcess):
    client = plain(strict)
    for _ in range(3):
        client.v1.customers.create({"name": "Brightwater"})
    strict.judge.judge()
    strict.alter_next({"created": 1.5})
    client.v1.customers.create({"name": "Brightwater"})
    with pytest.raises(AssertionError, match="at created"):
        strict.judge.judge()


def test_card_numbers_are_not_recorded(strict: SimulatorProcess):
    form = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "34"}
    headers = {"Authorization": "Bearer pk_test_suite"}
    httpx.post(f"{strict.origin}/v1/payment_methods", data=form, headers=headers, trust_env=False)
    recorded = strict.judge.record.read_text()
    assert ('"exp_year": "34"' in recorded, "4242424242424242" in recorded) == (True, False)
