"""Any order of steps: hypothesis drives intents, challenges, refunds, disputes, payouts; then the books must agree."""

from collections import Counter
from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test

from simulator import SimulatorProcess
from stripe_simulator.cards import CARDS

RUNS, STEPS = 8, 20
"""Each step is a call or two over HTTP, judged by Stripe's description: this is what fits some seconds."""


AMOUNTS = st.sampled_from((50, 10_000, 99_999_999))
PARTS = st.sampled_from((None, 1, 3_334, 10_000, 10_001, 99_999_999))
"""Refunds that fit, fit exactly, and are one too many."""
TOKENS = st.one_of(st.just("pm_card_visa"), st.sampled_from([card.token for card in CARDS]))


class Payments(RuleBasedStateMachine):
    client: stripe.StripeClient
    simulator: SimulatorProcess

    intents = Bundle("intents")
    paid = Bundle("paid")

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

    @rule(target=intents, amount=AMOUNTS)
    def create(self, amount: int) -> str:
        params = {
            "amount": amount,
            "currency": "usd",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        made = self.attempt(self.client.v1.payment_intents.create, params)
        self.made[made["id"]] = made["client_secret"]
        return str(made["id"])

    @rule(intent=intents, token=TOKENS)
    def confirm(self, intent: str, token: str) -> None:
        self.attempt(self.client.v1.payment_intents.confirm, intent, {"payment_method": token})

    @rule(intent=intents, outcome=st.sampled_from(["complete", "fail", "cancel"]))
    def authenticate(self, intent: str, outcome: str) -> None:
        self.simulator.authenticate(self.made[intent], outcome)

    @rule(intent=intents, amount=AMOUNTS)
    def change(self, intent: str, amount: int) -> None:
        self.attempt(self.client.v1.payment_intents.update, intent, {"amount": amount})

    @rule(intent=consumes(intents))
    def cancel(self, intent: str) -> None:
        self.attempt(self.client.v1.payment_intents.cancel, intent, {})

    @rule(target=paid, token=st.sampled_from(("pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail")))
    def buy(self, token: str) -> str:
        intent = self.create(10_000)
        self.confirm(intent, token)
        return intent

    @rule(intent=st.one_of(paid, intents), amount=PARTS)
    def refund(self, intent: str, amount: int | None) -> None:
        params = {"payment_intent": intent, **({} if amount is None else {"amount": amount})}
        self.attempt(self.client.v1.refunds.create, params)

    @rule(intent=paid, verdict=st.sampled_from(["won", "lost", None]))
    def dispute(self, intent: str, verdict: str | None) -> None:
        charge = self.client.v1.charges.retrieve(str(self.client.v1.payment_intents.retrieve(intent).latest_charge))
        if charge.disputed:
            return
        dispute = self.simulator.dispute(charge.id)
        if verdict is not None:
            self.simulator.decide_dispute(dispute["id"], verdict)

    @rule()
    def pay_out(self) -> None:
        self.simulator.pay_out()

    def check_balance(self) -> None:
        """Each payout is the sum of its lines, no line went out twice, and what didn't go out is what is left."""
        lines = list(self.client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter())
        went_out: list[str] = []
        for payout in self.client.v1.payouts.list({"limit": 100}).auto_paging_iter():
            listed = self.client.v1.balance_transactions.list({"payout": payout.id, "limit": 100})
            its_lines = list(listed.auto_paging_iter())
            assert payout.amount == sum(line.net for line in its_lines if line.type != "payout") > 0
            went_out += [line.id for line in its_lines]
        assert len(went_out) == len(set(went_out))
        assert sum(line.net for line in lines) == sum(line.net for line in lines if line.id not in went_out)

    def teardown(self) -> None:
        self.check_balance()
        told = Counter[str]()
        for event in self.client.v1.events.list({"type": "payment_intent.succeeded", "limit": 100}).data:
            told[event.data.object["id"]] += 1
        for intent_id in self.made:
            self.check(self.client.v1.payment_intents.retrieve(intent_id), told[intent_id])
        super().teardown()

    def check(self, intent: stripe.PaymentIntent, told: int) -> None:
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
        assert told == len(paid)


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
            phases=(Phase.generate,),  # a failing run has few steps as it is; making it shorter over HTTP takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
