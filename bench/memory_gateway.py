"""A payment provider in memory, for benchmarks of our own code: what a purchase by card asks of one."""
# ruff: noqa: ARG002  # the arguments are those that the portal gives

from __future__ import annotations

from dataclasses import replace
from itertools import count

from keywright_portal.domain.money import Money
from keywright_portal.payments.gateway import Card, IntentState, PaymentIntent

CARD = Card(method_id="pm_visa", brand="visa", last4="4242", expires_month=8, expires_year=2029)


class MemoryGateway:
    """Answers at once, and takes every card. What a purchase doesn't ask for isn't here."""

    def __init__(self) -> None:
        self._intents: dict[str, PaymentIntent] = {}
        self._numbers = count(1)

    def create_customer(self, *, organization_id: str, name: str, email: str, idempotency_key: str) -> str:
        return f"cus_{next(self._numbers)}"

    def create_intent(
        self, *, amount: Money, customer_id: str, order_id: str, save_card: bool, idempotency_key: str
    ) -> PaymentIntent:
        intent = PaymentIntent(
            id=f"pi_{next(self._numbers)}",
            state=IntentState.REQUIRES_PAYMENT_METHOD,
            amount=amount,
            client_secret="",
            order_id=order_id,
            card=None,
            failure=None,
        )
        self._intents[intent.id] = intent
        return intent

    def pay(self, intent_id: str) -> None:
        """What the buyer's browser does."""
        self._intents[intent_id] = replace(self._intents[intent_id], state=IntentState.SUCCEEDED, card=CARD)

    def get_intent(self, *, intent_id: str) -> PaymentIntent:
        return self._intents[intent_id]
