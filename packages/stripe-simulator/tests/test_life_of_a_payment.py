"""Any order of steps: hypothesis drives intents, challenges and refunds, and the books must agree after each run."""

from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test

from simulator import SimulatorProcess
from stripe_simulator.cards import CARDS

RUNS, STEPS = 15, 25
"""Each step is a call or two over HTTP, judged by Stripe's description: this is what fits some seconds."""


class Payments(RuleBasedStateMachine):
    client: stripe.StripeClient
    simulator: SimulatorProcess

    intents = Bundle("intents")

    def __init__(self) -> None:
        super().__init__()
        self.simulator.reset()
        self.made: dict[str, str] = {}
        self.keys = 0

    def attempt(self, call: Any, *arguments: Any) -> Any:
        """Only errors of Stripe's own kinds may come, and a repetition with the same key must be the same."""
        self.keys += 1
        options = {"idempotency_key": f"step:{self.keys}"}
        outcomes = []
        for _ in range(2):
            try:
                outcomes.append(call(*arguments, options).to_dict())
            except (stripe.CardError, stripe.InvalidRequestError) as error:
                outcomes.append((error.http_status, error.json_body))
        assert outcomes[0] == outcomes[1]
        return outcomes[0]

    @rule(target=intents, amount=st.integers(50, 99_999_999))
    def create(self, amount: int) -> str:
        params = {
            "amount": amount,
            "currency": "usd",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        made = self.attempt(self.client.v1.payment_intents.create, params)
        self.made[made["id"]] = made["client_secret"]
        return str(made["id"])

    @rule(intent=intents, token=st.sampled_from([card.token for card in CARDS]))
    def confirm(self, intent: str, token: str) -> None:
        self.attempt(self.client.v1.payment_intents.confirm, intent, {"payment_method": token})

    @rule(intent=intents, outcome=st.sampled_from(["complete", "fail", "cancel"]))
    def authenticate(self, intent: str, outcome: str) -> None:
        self.simulator.authenticate(self.made[intent], outcome)

    @rule(intent=intents, amount=st.integers(50, 99_999_999))
    def change(self, intent: str, amount: int) -> None:
        self.attempt(self.client.v1.payment_intents.update, intent, {"amount": amount})

    @rule(intent=consumes(intents))
    def cancel(self, intent: str) -> None:
        self.attempt(self.client.v1.payment_intents.cancel, intent, {})

    @rule(intent=intents, amount=st.one_of(st.none(), st.integers(1, 99_999_999)))
    def refund(self, intent: str, amount: int | None) -> None:
        params = {"payment_intent": intent, **({} if amount is None else {"amount": amount})}
        self.attempt(self.client.v1.refunds.create, params)

    def teardown(self) -> None:
        for intent_id in self.made:
            self.check(self.client.v1.payment_intents.retrieve(intent_id))
        super().teardown()

    def check(self, intent: stripe.PaymentIntent) -> None:
        charges = self.client.v1.charges.list({"payment_intent": intent.id, "limit": 100}).data
        paid = [charge for charge in charges if charge.paid]
        if intent.status == "succeeded":
            assert [charge.id for charge in paid] == [intent.latest_charge]
            assert intent.amount_received == intent.amount == paid[0].amount
        else:
            assert (paid, intent.amount_received) == ([], 0)
        refunds = self.client.v1.refunds.list({"payment_intent": intent.id, "limit": 100}).data
        returned = sum(refund.amount for refund in refunds if refund.status != "failed")
        assert returned == sum(charge.amount_refunded for charge in paid) <= intent.amount_received
        events = self.client.v1.events.list({"type": "payment_intent.succeeded", "limit": 100}).data
        told = [event for event in events if event.data.object["id"] == intent.id]
        assert len(told) == len(paid)


@pytest.mark.usefixtures("simulator")
def test_whatever_the_order_the_books_agree(client: stripe.StripeClient, simulator: SimulatorProcess):
    machine = type("Machine", (Payments,), {"client": client, "simulator": simulator})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
