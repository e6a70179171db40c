"""Stripe's test cards: what each does when it is saved, charged with its holder present, and charged without."""

from dataclasses import dataclass
from enum import StrEnum


class Challenge(StrEnum):
    """When the bank asks the holder to authenticate (3D Secure)."""

    NEVER = "never"
    ON_SESSION = "on_session"
    """Each time the holder is present; without the holder it works, as if it had been set up."""
    UNLESS_SET_UP = "unless_set_up"
    """Each time the holder is present, and without the holder unless the card was set up for that."""
    ALWAYS = "always"


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str | None
    message: str


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://docs.stripe.com/testing.",
)


class RefundCourse(StrEnum):
    """How a refund to the card goes on after it was asked for."""

    AT_ONCE = "at_once"
    PENDING_FIRST = "pending_first"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True)
class Card:
    """`token` is the name that Stripe gives the card for use without a browser. `decline_on_save` is False for the
    card that can be saved and fails only when it is charged.
    """

    number: str
    token: str
    brand: str = "visa"
    challenge: Challenge = Challenge.NEVER
    decline: Decline | None = None
    decline_on_save: bool = True
    is_disputed: bool = False
    refund: RefundCourse = RefundCourse.AT_ONCE

    def asks_for_challenge(self, *, off_session: bool, is_set_up: bool) -> bool:
        match self.challenge:
            case Challenge.NEVER:
                return False
            case Challenge.ON_SESSION:
                return not off_session
            case Challenge.UNLESS_SET_UP:
                return not (off_session and is_set_up)
            case Challenge.ALWAYS:
                return True


CARDS = (
    Card("4242424242424242", "pm_card_visa"),
    Card("5555555555554444", "pm_card_mastercard", brand="mastercard"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", challenge=Challenge.UNLESS_SET_UP),
    Card("4000002760003184", "pm_card_authenticationRequired", challenge=Challenge.ALWAYS),
    Card("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", challenge=Challenge.ON_SESSION),
    Card("4000000000003220", "pm_card_threeDSecure2Required", challenge=Challenge.ALWAYS),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        challenge=Challenge.UNLESS_SET_UP,
        decline=INSUFFICIENT_FUNDS,
        decline_on_save=False,
    ),
    Card(
        "4000008400001629",
        "pm_card_threeDSecureRequiredChargeDeclined",
        challenge=Challenge.ALWAYS,
        decline=GENERIC,
        decline_on_save=False,
    ),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", decline=GENERIC),
    Card("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", decline=INSUFFICIENT_FUNDS),
    Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", decline=EXPIRED),
    Card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", decline=WRONG_CVC),
    Card("4000000000000119", "pm_card_chargeDeclinedProcessingError", decline=PROCESSING_ERROR),
    Card("4000000000000341", "pm_card_chargeCustomerFail", decline=GENERIC, decline_on_save=False),
    Card("4000000000000259", "pm_card_createDispute", is_disputed=True),
    Card("4000000000007726", "pm_card_pendingRefund", refund=RefundCourse.PENDING_FIRST),
    Card("4000000000005126", "pm_card_refundFail", refund=RefundCourse.FAILS_LATER),
)
"""The last two are how Stripe shows a refund that takes its time, and one that fails after it seemed done."""

BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}

SHORTEST_NUMBER, LONGEST_NUMBER = 12, 19
"""ISO/IEC 7812: the length of a card's number."""


def has_valid_check_digit(number: str) -> bool:
    """Luhn's check digit, ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of a two-digit number's digits
    return total % 10 == 0
