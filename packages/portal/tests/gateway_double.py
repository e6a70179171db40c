"""A payment provider in memory, in the gateway's nouns, for tests of services. The boundary has tests of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count

from keywright_portal.domain.money import Money
from keywright_portal.payments.gateway import (
    Card,
    CardSetup,
    DisputeOutcome,
    GatewayError,
    GatewayEvent,
    IntentState,
    PaymentFailure,
    PaymentIntent,
    PayoutEntry,
    ProviderCharge,
    ProviderDispute,
    ProviderRefund,
    RefundOutcome,
    RefundRefusedError,
)

VISA = Card(method_id="pm_visa", brand="visa", last4="4242", expires_month=8, expires_year=2029)


@dataclass
class GatewayDouble:
    """Remembers what it was asked. `fail_next` makes the next call fail, after it took effect if `fail_late`."""

    intents: dict[str, PaymentIntent] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    fail_next: bool = False
    fail_late: bool = False
    setup_succeeded: bool = False
    setup_customer: str = ""
    detached: list[str] = field(default_factory=list)
    refunds: dict[str, ProviderRefund] = field(default_factory=dict)
    disputes: dict[str, ProviderDispute] = field(default_factory=dict)
    events: list[GatewayEvent] = field(default_factory=list)
    payouts: list[PayoutEntry] = field(default_factory=list)
    refund_outcome: RefundOutcome = RefundOutcome.SUCCEEDED
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def _ask(self, call: str, argument: str) -> None:
        self.asked.append((call, argument))
        if self.fail_next and not self.fail_late:
            self.fail_next = False
            raise GatewayError("no answer")

    def _answer(self) -> None:
        if self.fail_next and self.fail_late:
            self.fail_next = self.fail_late = False
            raise GatewayError("the answer was lost")

    def create_customer(self, *, organization_id: str, name: str, email: str, idempotency_key: str) -> str:
        self._ask("create_customer", idempotency_key)
        return f"cus_{organization_id}"

    def create_intent(
        self, *, amount: Money, customer_id: str, order_id: str, save_card: bool, idempotency_key: str
    ) -> PaymentIntent:
        self._ask("create_intent", idempotency_key)
        if idempotency_key not in self.by_key:
            intent = PaymentIntent(
                id=f"pi_{order_id}_{next(self._numbers)}",
                state=IntentState.REQUIRES_PAYMENT_METHOD,
                amount=amount,
                client_secret="secret",
                order_id=order_id,
                card=None,
                failure=None,
            )
            self.intents[intent.id] = intent
            self.by_key[idempotency_key] = intent.id
        self._answer()
        return self.intents[self.by_key[idempotency_key]]

    def get_intent(self, *, intent_id: str) -> PaymentIntent:
        self._ask("get_intent", intent_id)
        return self.intents[intent_id]

    def cancel_intent(self, *, intent_id: str) -> PaymentIntent:
        self._ask("cancel_intent", intent_id)
        intent = self.intents[intent_id]
        if intent.state not in (IntentState.SUCCEEDED, IntentState.PROCESSING):
            self.intents[intent_id] = replace(intent, state=IntentState.CANCELED)
        return self.intents[intent_id]

    def create_card_setup(self, *, customer_id: str) -> CardSetup:
        self._ask("create_card_setup", customer_id)
        self.setup_customer = customer_id
        return self.get_card_setup(setup_id="seti_1")

    def get_card_setup(self, *, setup_id: str) -> CardSetup:
        return CardSetup(
            id=setup_id,
            client_secret="secret",
            succeeded=self.setup_succeeded,
            customer_id=self.setup_customer,
            card=VISA if self.setup_succeeded else None,
        )

    def detach_card(self, *, method_id: str) -> None:
        self._ask("detach_card", method_id)
        self.detached.append(method_id)

    def create_refund(
        self, *, intent_id: str, amount: Money, refund_id: str, reason: str, idempotency_key: str
    ) -> ProviderRefund:
        self._ask("create_refund", idempotency_key)
        if idempotency_key not in self.by_key:
            if any(
                dispute.intent_id == intent_id and dispute.outcome is not DisputeOutcome.WON
                for dispute in self.disputes.values()
            ):
                raise RefundRefusedError("The charge has been charged back; cannot issue a refund")
            given = [refund.amount.amount for refund in self.refunds_of(intent_id=intent_id) if not refund.failure]
            if sum(given) + amount.amount > self.intents[intent_id].amount.amount:
                raise RefundRefusedError("Refund amount is greater than unrefunded amount on charge")
            refund = self.refund(intent_id, amount, outcome=self.refund_outcome, refund_id=refund_id)
            self.by_key[idempotency_key] = refund.id
        self._answer()
        return self.refunds[self.by_key[idempotency_key]]

    def get_refund(self, *, refund_id: str) -> ProviderRefund:
        self._ask("get_refund", refund_id)
        return self.refunds[refund_id]

    def refunds_of(self, *, intent_id: str) -> tuple[ProviderRefund, ...]:
        return tuple(refund for refund in self.refunds.values() if refund.intent_id == intent_id)

    def get_dispute(self, *, dispute_id: str) -> ProviderDispute:
        self._ask("get_dispute", dispute_id)
        return self.disputes[dispute_id]

    def get_charge(self, *, charge_id: str) -> ProviderCharge:
        """A charge's id is its intent's, with `ch` before it instead of `pi`."""
        self._ask("get_charge", charge_id)
        intent = self.intents["pi" + charge_id.removeprefix("ch")]
        given = sum(refund.amount.amount for refund in self.refunds_of(intent_id=intent.id))
        disputed = any(dispute.intent_id == intent.id for dispute in self.disputes.values())
        refunded = Money(given, intent.amount.currency)
        return ProviderCharge(
            id=charge_id, intent_id=intent.id, amount=intent.amount, refunded=refunded, disputed=disputed
        )

    def payout_entries(self, *, since: date, until: date) -> Iterator[PayoutEntry]:
        self._ask("payout_entries", f"{since}/{until}")
        yield from (entry for entry in self.payouts if since <= entry.arrives_on < until)

    def events_since(self, *, since: datetime, types: Collection[str]) -> Iterator[GatewayEvent]:
        self._ask("events_since", since.isoformat())
        yield from (event for event in self.events if event.type in types)

    def read_event(self, *, body: bytes, signature: str) -> GatewayEvent:
        raise NotImplementedError

    # ---- What happens at the provider, without us -------------------------------------------------------------------

    def pay(self, intent_id: str, *, amount: Money | None = None, card: Card = VISA) -> PaymentIntent:
        intent = self.intents[intent_id]
        self.intents[intent_id] = replace(
            intent, state=IntentState.SUCCEEDED, amount=amount or intent.amount, card=card, failure=None
        )
        return self.intents[intent_id]

    def decline(self, intent_id: str, code: str = "generic_decline") -> PaymentIntent:
        failure = PaymentFailure(code=code, message="Your card was declined.")
        self.intents[intent_id] = replace(self.intents[intent_id], failure=failure)
        return self.intents[intent_id]

    def move(self, intent_id: str, state: IntentState) -> PaymentIntent:
        self.intents[intent_id] = replace(self.intents[intent_id], state=state)
        return self.intents[intent_id]

    def refund(
        self,
        intent_id: str,
        amount: Money,
        *,
        outcome: RefundOutcome = RefundOutcome.SUCCEEDED,
        refund_id: str = "",
    ) -> ProviderRefund:
        """Begun at the provider's own pages, where `refund_id` is empty."""
        refund = ProviderRefund(
            id=f"re_{next(self._numbers)}", outcome=outcome, amount=amount, intent_id=intent_id, refund_id=refund_id
        )
        self.refunds[refund.id] = refund
        return refund

    def settle(self, provider_refund_id: str, outcome: RefundOutcome, failure: str = "") -> ProviderRefund:
        refund = replace(self.refunds[provider_refund_id], outcome=outcome, failure=failure)
        self.refunds[refund.id] = refund
        return refund

    def dispute(self, intent_id: str, *, amount: Money | None = None, reason: str = "fraudulent") -> ProviderDispute:
        dispute = ProviderDispute(
            id=f"du_{next(self._numbers)}",
            outcome=DisputeOutcome.OPEN,
            amount=amount or self.intents[intent_id].amount,
            intent_id=intent_id,
            reason=reason,
            opened_at=datetime(2026, 3, 14, 8, tzinfo=UTC),
        )
        self.disputes[dispute.id] = dispute
        return dispute

    def close(self, dispute_id: str, outcome: DisputeOutcome) -> ProviderDispute:
        self.disputes[dispute_id] = replace(self.disputes[dispute_id], outcome=outcome)
        return self.disputes[dispute_id]
