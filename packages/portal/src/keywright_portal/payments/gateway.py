"""Moving money, in our own nouns. Nothing here knows a provider; `stripe_gateway.py` is the only file that does.

The contract: a gateway moves money in `create_intent` and what the buyer's browser then confirms, nowhere else. Every
call that can move money takes an idempotency key made from our own row: the same key asks for the same thing, so a call
whose answer was lost is made again. No call is made inside a database transaction. A call that fails raises
GatewayError and may or may not have taken effect.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    def read_event(self, *, body: bytes, signature: str) -> GatewayEvent:
        """Check the signature over the exact bytes and read the event. Raises EventSignatureError."""
        ...


@cache
def gateway() -> PaymentGateway:
    """The installation's gateway. Stripe's library takes 180 ms to import, so that waits for the first payment."""
    from keywright_portal.payments.stripe_gateway import StripeGateway  # noqa: PLC0415 (late on purpose, see above)

    return StripeGateway.from_settings()
