"""Confirming a SetupIntent: the bank may challenge or decline, then the card is kept for use without its holder."""

from stripe_simulator.call import Call
from stripe_simulator.cards import BY_NUMBER, Decline
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.intents import (
    authentication_failure,
    check_owner,
    check_return_url,
    missing_method,
    next_action,
    refuse_finished,
)
from stripe_simulator.payments import asks_for_challenge, keep_or_spend
from stripe_simulator.present import public
from stripe_simulator.resources.payment_methods import card_error, error_of
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import INTENT, Step, take


def confirm_setup(call: Call, intent: Json, method: Json | None) -> Json:
    refuse_finished(intent)
    if method is None and intent["payment_method"] is not None:
        method = call.given("payment_method", intent["payment_method"])
    if method is None:
        raise missing_method(intent)
    check_owner(method, intent)
    check_return_url(call, intent)
    take(INTENT, intent, Step.GIVE_METHOD)
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    if asks_for_challenge(intent, method, off_session=False):
        take(INTENT, intent, Step.CHALLENGE)
        intent["next_action"] = next_action(call, intent)
        _record_attempt(call, intent, method, status="requires_action")
        call.store.save(intent)
        emit(call, "setup_intent.requires_action", intent)
        return intent
    error = _ask_bank(call, intent, method, was_challenged=False)
    if error is not None:
        raise error
    return intent


def finish_setup_challenge(call: Call, intent: Json, *, is_authenticated: bool) -> None:
    """The holder answered the bank, or closed its page, which is the same as failing."""
    method = call.given("payment_method", intent["payment_method"] or "")
    if is_authenticated:
        _ask_bank(call, intent, method, was_challenged=True)
    else:
        _fail(call, intent, method, authentication_failure(intent, method))


def _ask_bank(call: Call, intent: Json, method: Json, *, was_challenged: bool) -> StripeError | None:
    card = BY_NUMBER[method["_number"]]
    if card.decline is not None and card.decline_on_save:
        return _decline(call, intent, method, card.decline)
    take(INTENT, intent, Step.SUCCEED)
    intent["last_setup_error"] = None
    intent["next_action"] = None
    _record_attempt(call, intent, method, status="succeeded", was_challenged=was_challenged)
    method["_is_set_up"] = method["_is_set_up"] or intent["usage"] == "off_session"
    keep_or_spend(call, intent, method, usage=intent["usage"])
    call.store.save(intent)
    emit(call, "setup_intent.succeeded", intent)
    return None


def _decline(call: Call, intent: Json, method: Json, decline: Decline) -> StripeError:
    _fail(call, intent, method, error_of(decline, public(method)))
    error = card_error(decline, setup_intent=intent, payment_method=public(method))
    error.keeps_effects = True
    return error


def _fail(call: Call, intent: Json, method: Json, setup_error: Json) -> None:
    take(INTENT, intent, Step.DECLINE)
    intent["last_setup_error"] = setup_error
    intent["payment_method"] = None
    intent["next_action"] = None
    _record_attempt(call, intent, method, status="failed", setup_error=setup_error)
    call.store.save(intent)
    emit(call, "setup_intent.setup_failed", intent)


def _record_attempt(
    call: Call,
    intent: Json,
    method: Json,
    *,
    status: str,
    was_challenged: bool = False,
    setup_error: Json | None = None,
) -> None:
    card = method["card"]
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    attempt = call.store.add(
        {
            "id": new_id("setatt"),
            "object": "setup_attempt",
            "application": None,
            "created": call.now,
            "customer": intent["customer"],
            "customer_account": None,
            "flow_directions": None,
            "livemode": False,
            "on_behalf_of": None,
            "payment_method": method["id"],
            "payment_method_details": {
                "card": {
                    "brand": card["brand"],
                    "checks": card["checks"],
                    "country": card["country"],
                    "exp_month": card["exp_month"],
                    "exp_year": card["exp_year"],
                    "fingerprint": card["fingerprint"],
                    "funding": card["funding"],
                    "last4": card["last4"],
                    "network": card["brand"],
                    "three_d_secure": secure if was_challenged else None,
                    "wallet": None,
                },
                "type": "card",
            },
            "setup_error": setup_error,
            "setup_intent": intent["id"],
            "status": status,
            "usage": intent["usage"],
        }
    )
    intent["latest_attempt"] = attempt["id"]
