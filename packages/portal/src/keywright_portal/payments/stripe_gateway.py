"""The one file that speaks to Stripe: PaymentIntents and SetupIntents for the Payment Element with deferred intent.

Card data never reaches us. Stripe's objects end here: what leaves this file is in the gateway's nouns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, time
from typing import Final, Self, TypeVar

import stripe
from django.conf import settings
from stripe import StripeClient

from keywright_portal.domain.money import Money
from keywright_portal.payments.gateway import (
    Card,
    CardSetup,
    DisputeOutcome,
    EventSignatureError,
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

_Answer = TypeVar("_Answer")

EVENT_TOLERANCE: Final = 300
"""Seconds after which a signed event is stale, as Stripe advises."""
NETWORK_RETRIES: Final = 2
TIMEOUT: Final = 10
"""Seconds for one try of a call. The buyer waits for it; all three tries fit into the queue's time for a task."""
PAGE: Final = 100
"""Rows asked for at once where there may be many: the most that Stripe gives."""
WON: Final = frozenset({"won", "warning_closed", "prevented"})
"""Ends of a dispute in which the money stays: an inquiry that came to nothing is one."""


class StripeGateway:
    """A PaymentGateway on Stripe's API."""

    def __init__(self, *, secret_key: str, api_url: str, webhook_secrets: list[str]) -> None:
        self._client = StripeClient(
            secret_key,
            base_addresses={"api": api_url},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=NETWORK_RETRIES,
        )
        self._webhook_secrets = webhook_secrets

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            secret_key=settings.STRIPE_SECRET_KEY,
            api_url=settings.STRIPE_API_URL,
            webhook_secrets=settings.STRIPE_WEBHOOK_SECRETS,
        )

    def create_customer(self, *, organization_id: str, name: str, email: str, idempotency_key: str) -> str:
        customer = self._ask(
            lambda: self._client.v1.customers.create(
                {"name": name, "email": email, "metadata": {"organization_id": organization_id}},
                {"idempotency_key": idempotency_key},
            )
        )
        return customer.id

    def create_intent(
        self, *, amount: Money, customer_id: str, order_id: str, save_card: bool, idempotency_key: str
    ) -> PaymentIntent:
        params: stripe.params.PaymentIntentCreateParams = {
            "amount": amount.amount,
            "currency": amount.currency.lower(),
            "customer": customer_id,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order_id": order_id},
        }
        if save_card:
            params["setup_future_usage"] = "off_session"
        return _intent(
            self._ask(lambda: self._client.v1.payment_intents.create(params, {"idempotency_key": idempotency_key}))
        )

    def get_intent(self, *, intent_id: str) -> PaymentIntent:
        return _intent(
            self._ask(lambda: self._client.v1.payment_intents.retrieve(intent_id, {"expand": ["payment_method"]}))
        )

    def cancel_intent(self, *, intent_id: str) -> PaymentIntent:
        try:
            self._client.v1.payment_intents.cancel(intent_id)
        except stripe.InvalidRequestError:
            pass  # it is past cancelling: paid, or cancelled before; what it is now is read below
        except stripe.StripeError as error:
            raise GatewayError(str(error)) from error
        return self.get_intent(intent_id=intent_id)

    def create_card_setup(self, *, customer_id: str) -> CardSetup:
        return _setup(
            self._ask(
                lambda: self._client.v1.setup_intents.create(
                    {
                        "customer": customer_id,
                        "usage": "off_session",
                        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    }
                )
            )
        )

    def get_card_setup(self, *, setup_id: str) -> CardSetup:
        return _setup(
            self._ask(lambda: self._client.v1.setup_intents.retrieve(setup_id, {"expand": ["payment_method"]}))
        )

    def detach_card(self, *, method_id: str) -> None:
        try:
            self._client.v1.payment_methods.detach(method_id)
        except stripe.InvalidRequestError:
            return  # Stripe refuses what isn't attached: it is forgotten already
        except stripe.StripeError as error:
            raise GatewayError(str(error)) from error

    def create_refund(
        self, *, intent_id: str, amount: Money, refund_id: str, reason: str, idempotency_key: str
    ) -> ProviderRefund:
        params: stripe.params.RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": amount.amount,
            "metadata": {"refund_id": refund_id, "reason": reason},
        }
        try:
            return _refund(self._client.v1.refunds.create(params, {"idempotency_key": idempotency_key}))
        except stripe.InvalidRequestError as error:
            raise RefundRefusedError(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            raise GatewayError(str(error)) from error

    def get_refund(self, *, refund_id: str) -> ProviderRefund:
        return _refund(self._ask(lambda: self._client.v1.refunds.retrieve(refund_id)))

    def refunds_of(self, *, intent_id: str) -> tuple[ProviderRefund, ...]:
        def ask() -> list[stripe.Refund]:
            listed = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": PAGE})
            return list(listed.auto_paging_iter())

        return tuple(_refund(refund) for refund in self._ask(ask))

    def get_dispute(self, *, dispute_id: str) -> ProviderDispute:
        dispute = self._ask(lambda: self._client.v1.disputes.retrieve(dispute_id))
        if dispute.status == "lost":
            outcome = DisputeOutcome.LOST
        else:
            outcome = DisputeOutcome.WON if dispute.status in WON else DisputeOutcome.OPEN
        return ProviderDispute(
            id=dispute.id,
            outcome=outcome,
            amount=_money(dispute.amount, dispute.currency),
            intent_id=_id(dispute.payment_intent),
            reason=dispute.reason,
            opened_at=_instant(dispute.created),
        )

    def get_charge(self, *, charge_id: str) -> ProviderCharge:
        charge = self._ask(lambda: self._client.v1.charges.retrieve(charge_id))
        return ProviderCharge(
            id=charge.id,
            intent_id=_id(charge.payment_intent),
            amount=_money(charge.amount, charge.currency),
            refunded=_money(charge.amount_refunded, charge.currency),
            disputed=charge.disputed,
        )

    def payout_entries(self, *, since: date, until: date) -> Iterator[PayoutEntry]:
        arrives: stripe.params.PayoutListParamsArrivalDate = {"gte": _midnight(since), "lt": _midnight(until)}
        payouts = self._ask(
            lambda: list(
                self._client.v1.payouts.list({"arrival_date": arrives, "limit": PAGE}).auto_paging_iter(),
            )
        )
        for payout in payouts:
            yield from self._entries(payout)

    def _entries(self, payout: stripe.Payout) -> list[PayoutEntry]:
        def ask() -> list[stripe.BalanceTransaction]:
            listed = self._client.v1.balance_transactions.list(
                {"payout": payout.id, "limit": PAGE, "expand": ["data.source"]}
            )
            return list(listed.auto_paging_iter())

        return [_entry(moved, payout) for moved in self._ask(ask) if moved.type != "payout"]

    def events_since(self, *, since: datetime, types: Collection[str]) -> Iterator[GatewayEvent]:
        def ask() -> list[stripe.Event]:
            listed = self._client.v1.events.list(
                {"created": {"gte": int(since.timestamp())}, "types": sorted(types), "limit": PAGE}
            )
            return list(listed.auto_paging_iter())

        for event in self._ask(ask):
            about = event.to_dict()["data"]["object"]
            yield GatewayEvent(id=event.id, type=event.type, object_id=str(about.get("id") or ""))

    def read_event(self, *, body: bytes, signature: str) -> GatewayEvent:
        for secret in self._webhook_secrets:
            try:
                # The library leaves its own function untyped.
                stripe.WebhookSignature.verify_header(  # type: ignore[no-untyped-call]
                    body.decode(), signature, secret, EVENT_TOLERANCE
                )
            except (stripe.SignatureVerificationError, ValueError):
                continue  # while a secret is rolled, either of two may be the right one
            return _event(body)
        raise EventSignatureError("The event isn’t signed with this endpoint’s secret, or it is too old.")

    @staticmethod
    def _ask(call: Callable[[], _Answer]) -> _Answer:
        try:
            return call()
        except stripe.StripeError as error:
            raise GatewayError(str(error)) from error


def _money(amount: int, currency: str) -> Money:
    return Money(amount, currency.upper())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=UTC).timestamp())


def _id(of: stripe.StripeObject | str | None) -> str:
    """The id of something that Stripe tells as an id, or as the whole thing where that was asked for."""
    if of is None:
        return ""
    return of if isinstance(of, str) else str(of.to_dict()["id"])


def _refund(refund: stripe.Refund) -> ProviderRefund:
    """Stripe knows two more states: one that waits for the customer is pending, a cancelled one has failed."""
    if refund.status == "succeeded":
        outcome = RefundOutcome.SUCCEEDED
    else:
        outcome = RefundOutcome.FAILED if refund.status in ("failed", "canceled") else RefundOutcome.PENDING
    said = refund.to_dict()
    return ProviderRefund(
        id=refund.id,
        outcome=outcome,
        amount=_money(refund.amount, refund.currency),
        intent_id=_id(refund.payment_intent),
        refund_id=str((said.get("metadata") or {}).get("refund_id", "")),
        failure=str(said.get("failure_reason") or "") if outcome is RefundOutcome.FAILED else "",
    )


def _entry(moved: stripe.BalanceTransaction, payout: stripe.Payout) -> PayoutEntry:
    source = moved.to_dict().get("source")
    intent = source.get("payment_intent") if isinstance(source, dict) else None
    return PayoutEntry(
        payout_id=payout.id,
        arrives_on=_instant(payout.arrival_date).date(),
        entry_id=moved.id,
        kind=moved.type,
        gross=_money(moved.amount, moved.currency),
        fee=_money(moved.fee, moved.currency),
        net=_money(moved.net, moved.currency),
        intent_id=str(intent.get("id", "")) if isinstance(intent, dict) else str(intent or ""),
    )


def _event(body: bytes) -> GatewayEvent:
    """What a signed body says. Some events are about a thing without an id: the balance, say."""
    try:
        told = json.loads(body)
        about = told["data"]["object"].get("id") or ""
        return GatewayEvent(id=str(told["id"]), type=str(told["type"]), object_id=str(about))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EventSignatureError("The body is signed, and is no event.") from error


def _card(method: stripe.PaymentMethod | str | None) -> Card | None:
    if method is None or isinstance(method, str) or method.card is None:
        return None
    card = method.card
    return Card(
        method_id=method.id,
        brand=card.brand,
        last4=card.last4 or "",
        expires_month=card.exp_month,
        expires_year=card.exp_year,
        fingerprint=card.fingerprint or "",
    )


def _failure(error: stripe.StripeObject | None) -> PaymentFailure | None:
    """Stripe leaves out the parts that an error doesn't have: a failed 3D Secure check has no `decline_code`."""
    if error is None:
        return None
    said = error.to_dict()
    code = said.get("decline_code") or said.get("code") or said["type"]
    return PaymentFailure(code=str(code), message=str(said.get("message") or ""))


def _intent(intent: stripe.PaymentIntent) -> PaymentIntent:
    state = IntentState(intent.status)
    amount = intent.amount_received if state is IntentState.SUCCEEDED else intent.amount
    return PaymentIntent(
        id=intent.id,
        state=state,
        amount=Money(amount, intent.currency.upper()),
        client_secret=intent.client_secret or "",
        order_id=str(intent.metadata.to_dict().get("order_id", "")) if intent.metadata else "",
        card=_card(intent.payment_method),
        failure=_failure(intent.last_payment_error),
    )


def _setup(setup: stripe.SetupIntent) -> CardSetup:
    customer = setup.customer
    return CardSetup(
        id=setup.id,
        client_secret=setup.client_secret or "",
        succeeded=setup.status == "succeeded",
        customer_id=customer if isinstance(customer, str) else (customer.id if customer else ""),
        card=_card(setup.payment_method),
        failure=_failure(setup.last_setup_error),
    )
