"""What went wrong with a payment, in plain words. Each says what it means for the buyer's money and what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMessage:
    """`beside_card` stands at the card's fields, and is empty where another card would not help."""

    title: _StrPromise
    sentence: _StrPromise
    beside_card: _StrPromise | str = ""


DECLINED: Final = PaymentMessage(
    title=_("Your bank declined this card"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Try another card, or ask your bank about"
        " the payment."
    ),
    beside_card=_("Declined by your bank. Use another card."),
)
INSUFFICIENT_FUNDS: Final = PaymentMessage(
    title=_("This card doesn’t have enough funds"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Try another card, or ask your bank for a"
        " higher limit."
    ),
    beside_card=_("Not enough funds for this sum. Use another card."),
)
EXPIRED: Final = PaymentMessage(
    title=_("This card has expired"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Check the expiry date, or use another card."
    ),
    beside_card=_("Expired. Check the date, or use another card."),
)
WRONG_CVC: Final = PaymentMessage(
    title=_("The security code isn’t right"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Enter the code on the back of your card "
        "again (on an American Express card it is on the front)."
    ),
    beside_card=_("The security code isn’t right. Enter it again."),
)
WRONG_NUMBER: Final = PaymentMessage(
    title=_("The card number isn’t right"),
    sentence=_("You haven’t been charged, and your order is as you left it. Check each digit, or use another card."),
    beside_card=_("The number isn’t right. Check it."),
)
PROCESSING: Final = PaymentMessage(
    title=_("The card couldn’t be processed"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. That is most often over in a minute: try"
        " again, or use another card."
    ),
    beside_card=_("Not processed. Try again in a minute."),
)
NOT_SUPPORTED: Final = PaymentMessage(
    title=_("This card can’t be used for this payment"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Your bank doesn’t allow this kind of "
        "payment with it. Use another card, or ask your bank."
    ),
    beside_card=_("Not possible with this card. Use another one."),
)
NOT_AUTHENTICATED: Final = PaymentMessage(
    title=_("Your bank couldn’t confirm that it’s you"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Try again and confirm the payment as "
        "your bank asks, in its app for instance, or use another card."
    ),
    beside_card=_("Not confirmed by your bank. Try again, or use another card."),
)
UNFINISHED: Final = PaymentMessage(
    title=_("The payment wasn’t confirmed"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Your bank’s window was closed before you"
        " confirmed. Complete the order again when you are ready."
    ),
)
NOT_CONFIRMED: Final = PaymentMessage(
    title=_("The payment wasn’t finished"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Check your card, and complete the order again."
    ),
)
UNAVAILABLE: Final = PaymentMessage(
    title=_("The payment service didn’t answer"),
    sentence=_("You haven’t been charged, and your order is as you left it. Try again in a minute."),
)
UNKNOWN_OUTCOME: Final = PaymentMessage(
    title=_("We don’t know yet how your payment went"),
    sentence=_(
        "The payment service doesn’t answer at the moment. If the payment went through, your license is "
        "issued by itself and you get an email. Reload this page in a minute to see: this order is charged "
        "once at most."
    ),
)
GENERAL: Final = PaymentMessage(
    title=_("The payment didn’t go through"),
    sentence=_(
        "You haven’t been charged, and your order is as you left it. Try again, or use another card. If it "
        "doesn’t work, contact Support with the reference."
    ),
    beside_card=_("Not accepted. Try again, or use another card."),
)

CARD_NOT_SAVED: Final = _("The card isn’t saved, and nothing was charged. Try again, or use another card.")

MESSAGES: Final[dict[str, PaymentMessage]] = {
    "authentication_required": NOT_AUTHENTICATED,
    "call_issuer": DECLINED,
    "card_declined": DECLINED,
    "card_not_supported": NOT_SUPPORTED,
    "card_velocity_exceeded": INSUFFICIENT_FUNDS,
    "challenge_unfinished": UNFINISHED,
    "currency_not_supported": NOT_SUPPORTED,
    "do_not_honor": DECLINED,
    "do_not_try_again": DECLINED,
    "expired_card": EXPIRED,
    "fraudulent": DECLINED,
    "generic_decline": DECLINED,
    "incorrect_cvc": WRONG_CVC,
    "incorrect_number": WRONG_NUMBER,
    "insufficient_funds": INSUFFICIENT_FUNDS,
    "invalid_cvc": WRONG_CVC,
    "invalid_expiry_month": EXPIRED,
    "invalid_expiry_year": EXPIRED,
    "invalid_number": WRONG_NUMBER,
    "issuer_not_available": PROCESSING,
    "lost_card": DECLINED,  # as its finder must not learn that it is known to be lost
    "not_confirmed": NOT_CONFIRMED,
    "not_permitted": NOT_SUPPORTED,
    "payment_intent_authentication_failure": NOT_AUTHENTICATED,
    "payment_provider_unavailable": UNAVAILABLE,
    "pickup_card": DECLINED,
    "processing_error": PROCESSING,
    "reenter_transaction": PROCESSING,
    "setup_intent_authentication_failure": NOT_AUTHENTICATED,
    "stolen_card": DECLINED,
    "transaction_not_allowed": NOT_SUPPORTED,
    "try_again_later": PROCESSING,
    "withdrawal_count_limit_exceeded": INSUFFICIENT_FUNDS,
}
"""By the codes of `orders.services.record_problem`: the provider's decline codes, and our own."""


def message_for(code: str, *, outcome_is_known: bool = True, saves_card: bool = False) -> PaymentMessage:
    """The words for a code; good general ones for a code that isn't known.

    `outcome_is_known` is False where the buyer had confirmed, and the provider couldn't be asked how that went.
    `saves_card` is True where there is no order and nothing to pay.
    """
    if not outcome_is_known:
        return UNKNOWN_OUTCOME
    message = MESSAGES.get(code, GENERAL)
    return replace(message, sentence=CARD_NOT_SAVED) if saves_card else message
