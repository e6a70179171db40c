"""Moving money, in our own nouns. Nothing here knows a provider; `stripe_gateway.py` is the only file that does.

The contract: a gateway moves money in `create_intent` and what the buyer's browser then confirms, and back again in
`create_refund`; nowhere else. Every call that can move money takes an idempotency key made from our own row: the same
key asks for the same thing, so a call whose answer was lost is made again. No call is made inside a database
transaction. A call that fails raises GatewayError and may or may not have taken effect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from django.utils.translation import gettext_lazy as _

from keywright_portal.domain.money import Money
from keywright_portal.kit.errors import KeywrightError

LARGEST_CHARGE: Final = 99_999_999
"""The most that the provider takes at once, in minor units: eight digits."""


class IntentState(StrEnum):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a person needs to recognise a card. `method_id` is the provider's own; `fingerprint` its mark of the number,
    the same for the same card however often it is given.
    """

    method_id: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailure:
    """Why the last try didn't go through: a stable code, and the provider's sentence for the vendor's eyes."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """A payment as the provider holds it at this moment: `amount` is what was received once it succeeded, and what is
    asked for before. `order_id` is what we wrote into it.
    """

    id: str
    state: IntentState
    amount: Money
    client_secret: str
    order_id: str
    card: Card | None
    failure: PaymentFailure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSetup:
    """A card being saved without a payment. `card` is there once it succeeded, `failure` after a try that didn't."""

    id: str
    client_secret: str
    succeeded: bool
    customer_id: str
    card: Card | None
    failure: PaymentFailure | None = None


class RefundOutcome(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRefund:
    """Money that the provider gives back. `refund_id` is what we wrote into it: empty for one begun at the provider's
    own pages. `failure` is the provider's code, once it failed; that may come after it had succeeded.
    """

    id: str
    outcome: RefundOutcome
    amount: Money
    intent_id: str
    refund_id: str = ""
    failure: str = ""


class DisputeOutcome(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDispute:
    """A payment that its cardholder called wrong at the bank. `reason` is the provider's code."""

    id: str
    outcome: DisputeOutcome
    amount: Money
    intent_id: str
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCharge:
    """A charge as the provider holds it: what was taken, and how much of it went back."""

    id: str
    intent_id: str
    amount: Money
    refunded: Money
    disputed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutEntry:
    """One movement within a payout to the vendor's bank: `net = gross − fee`. What goes back, or is taken, is negative.

    `kind` is the provider's word: charge, refund, adjustment (a dispute, say), stripe_fee … `intent_id` is empty where
    the movement is of no payment. Currency and amounts are those of the payout, which may differ from the invoice's.
    """

    payout_id: str
    arrives_on: date
    entry_id: str
    kind: str
    gross: Money
    fee: Money
    net: Money
    intent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """What a webhook told: only ever a reason to ask."""

    id: str
    type: str
    object_id: str


class GatewayError(KeywrightError):
    """The provider couldn't be reached, or refused. What was asked for may or may not have happened."""

    code = "payment_provider_unavailable"

    def __init__(self, provider_message: str) -> None:
        super().__init__(
            _("The payment service didn’t answer. You haven’t been charged for this try; try again in a minute.")
        )
        self.provider_message = provider_message


class AmountTooLargeError(KeywrightError):
    """More than the provider takes in one payment."""

    code = "amount_too_large"


class RefundRefusedError(KeywrightError):
    """The provider won't give this back: it was given back already, or is disputed. Nothing moved."""

    code = "refund_refused"

    def __init__(self, provider_message: str) -> None:
        super().__init__(_("The payment provider refused this refund: %(why)s") % {"why": provider_message})
        self.provider_message = provider_message


class EventSignatureError(KeywrightError):
    """A webhook that the provider didn't sign, or signed too long ago."""

    code = "bad_event_signature"


class PaymentGateway(Protocol):
    """What the portal asks of a payment provider."""

    def create_customer(self, *, organization_id: str, name: str, email: str, idempotency_key: str) -> str:
        """Make the provider's record of an organization; its id."""
        ...

    def create_intent(
        self, *, amount: Money, customer_id: str, order_id: str, save_card: bool, idempotency_key: str
    ) -> PaymentIntent:
        """Make an intent that the buyer's browser confirms. The only call that leads to a charge."""
        ...

    def get_intent(self, *, intent_id: str) -> PaymentIntent: ...

    def cancel_intent(self, *, intent_id: str) -> PaymentIntent:
        """Cancel it if it can still be cancelled; either way, the intent as it is afterwards."""
        ...

    def create_card_setup(self, *, customer_id: str) -> CardSetup: ...

    def get_card_setup(self, *, setup_id: str) -> CardSetup: ...

    def detach_card(self, *, method_id: str) -> None:
        """Make the provider forget a card. One that it has forgotten already is no error."""
        ...

    def create_refund(
        self, *, intent_id: str, amount: Money, refund_id: str, reason: str, idempotency_key: str
    ) -> ProviderRefund:
        """Give a part of a payment back, or all. Raises RefundRefusedError where the provider never will."""
        ...

    def get_refund(self, *, refund_id: str) -> ProviderRefund:
        """By the provider's id."""
        ...

    def refunds_of(self, *, intent_id: str) -> tuple[ProviderRefund, ...]:
        """All of one payment, whoever began them."""
        ...

    def get_dispute(self, *, dispute_id: str) -> ProviderDispute: ...

    def get_charge(self, *, charge_id: str) -> ProviderCharge: ...

    def payout_entries(self, *, since: date, until: date) -> Iterator[PayoutEntry]:
        """What each payout that arrives from `since` to before `until` is made of, one payout after the other."""
        ...

    def events_since(self, *, since: datetime, types: Collection[str]) -> Iterator[GatewayEvent]:
        """Events that the provider made, delivered or not. It keeps them for 30 days."""
        ...

    def read_event(self, *, body: bytes, signature: str) -> GatewayEvent:
        """Check the signature over the exact bytes and read the event. Raises EventSignatureError."""
        ...


@cache
def gateway() -> PaymentGateway:
    """The installation's gateway. Stripe's library takes 180 ms to import, so that waits for the first payment."""
    from keywright_portal.payments.stripe_gateway import StripeGateway  # noqa: PLC0415 (late on purpose, see above)

    return StripeGateway.from_settings()
