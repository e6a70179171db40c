"""What may happen in which state: literal tables, so that a step which Stripe doesn't know can't be taken."""

from enum import StrEnum

from stripe_simulator.errors import StripeError
from stripe_simulator.shapes import Json

REQUIRES_PAYMENT_METHOD = "requires_payment_method"
REQUIRES_CONFIRMATION = "requires_confirmation"
REQUIRES_ACTION = "requires_action"
PROCESSING = "processing"
SUCCEEDED = "succeeded"
CANCELED = "canceled"
PENDING = "pending"
FAILED = "failed"


class Step(StrEnum):
    GIVE_METHOD = "give a payment method to"
    CHALLENGE = "challenge"
    SUCCEED = "complete"
    HOLD = "hold"
    DECLINE = "decline"
    CANCEL = "cancel"


INTENT = {
    (REQUIRES_PAYMENT_METHOD, Step.GIVE_METHOD): REQUIRES_CONFIRMATION,
    (REQUIRES_CONFIRMATION, Step.GIVE_METHOD): REQUIRES_CONFIRMATION,
    (REQUIRES_ACTION, Step.GIVE_METHOD): REQUIRES_CONFIRMATION,
    (REQUIRES_CONFIRMATION, Step.CHALLENGE): REQUIRES_ACTION,
    (REQUIRES_CONFIRMATION, Step.SUCCEED): SUCCEEDED,
    (REQUIRES_ACTION, Step.SUCCEED): SUCCEEDED,
    (PROCESSING, Step.SUCCEED): SUCCEEDED,
    (REQUIRES_CONFIRMATION, Step.HOLD): PROCESSING,
    (REQUIRES_ACTION, Step.HOLD): PROCESSING,
    (REQUIRES_CONFIRMATION, Step.DECLINE): REQUIRES_PAYMENT_METHOD,
    (REQUIRES_ACTION, Step.DECLINE): REQUIRES_PAYMENT_METHOD,
    (PROCESSING, Step.DECLINE): REQUIRES_PAYMENT_METHOD,
    (REQUIRES_PAYMENT_METHOD, Step.CANCEL): CANCELED,
    (REQUIRES_CONFIRMATION, Step.CANCEL): CANCELED,
    (REQUIRES_ACTION, Step.CANCEL): CANCELED,
}
"""A PaymentIntent's life and a SetupIntent's, which is the same."""

REFUND = {
    (PENDING, Step.SUCCEED): SUCCEEDED,
    (PENDING, Step.DECLINE): FAILED,
    (SUCCEEDED, Step.DECLINE): FAILED,
}
"""A refund may fail after it was done: the bank sends the money back."""


def take(table: dict[tuple[str, Step], str], thing: Json, step: Step) -> None:
    """Moves `thing` on, or says as Stripe does that it is in no state for that."""
    state = table.get((thing["status"], step))
    if state is None:
        raise unexpected_state(thing, step)
    thing["status"] = state


def unexpected_state(thing: Json, step: Step | str) -> StripeError:
    noun = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent", "refund": "Refund"}[thing["object"]]
    return StripeError(
        f"You cannot {step} this {noun} because it has a status of {thing['status']}.",
        code=f"{thing['object']}_unexpected_state",
        more={thing["object"]: thing} if thing["object"] != "refund" else None,
    )
