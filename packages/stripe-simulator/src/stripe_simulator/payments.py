"""Confirming a PaymentIntent: the bank challenges, pays or declines, and the intent says so."""

from stripe_simulator.call import Call
from stripe_simulator.cards import AUTHENTICATION_REQUIRED, BY_NUMBER, Decline
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.intents import (
    authentication_failure,
    check_owner,
    check_return_url,
    missing_method,
    next_action,
    refuse_finished,
)
from stripe_simulator.present import public
from stripe_simulator.resources import charges
from stripe_simulator.resources.payment_methods import card_error, error_of, save_to_customer
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import INTENT, Step, take


def confirm_payment(call: Call, intent: Json, method: Json | None) -> Json:
    """`method` is the card that the request brought; without it, the one that the intent has."""
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
    if call.params.get("setup_future_usage"):
        intent["setup_future_usage"] = call.params["setup_future_usage"]
    off_session = bool(call.params.get("off_session"))
    if asks_for_challenge(intent, method, off_session=off_session):
        if off_session or call.params.get("error_on_requires_action"):
            raise decline_payment(call, intent, method, AUTHENTICATION_REQUIRED)
        take(INTENT, intent, Step.CHALLENGE)
        intent["next_action"] = next_action(call, intent)
        call.store.save(intent)
        emit(call, "payment_intent.requires_action", intent)
        return intent
    error = ask_bank(call, intent, method, was_challenged=False)
    if error is not None:
        raise error
    return intent


def asks_for_challenge(intent: Json, method: Json, *, off_session: bool) -> bool:
    options = intent["payment_method_options"]["card"]
    if not off_session and options["request_three_d_secure"] in ("any", "challenge"):
        return True
    card = BY_NUMBER[method["_number"]]
    return card.asks_for_challenge(off_session=off_session, is_set_up=method["_is_set_up"])


def ask_bank(call: Call, intent: Json, method: Json, *, was_challenged: bool) -> StripeError | None:
    """Pays, holds or declines; a decline is answered, not raised, since after a challenge nobody waits for it."""
    decline = BY_NUMBER[method["_number"]].decline
    if decline is not None:
        return decline_payment(call, intent, method, decline, was_challenged=was_challenged)
    holds = call.store.setting("payments_to_hold", 0)
    if holds:
        call.store.set_setting("payments_to_hold", holds - 1)
        take(INTENT, intent, Step.HOLD)
        intent["next_action"] = None
        intent["_was_challenged"] = was_challenged
        call.store.save(intent)
        emit(call, "payment_intent.processing", intent)
        return None
    complete_payment(call, intent, method, was_challenged=was_challenged)
    return None


def complete_payment(call: Call, intent: Json, method: Json, *, was_challenged: bool) -> None:
    take(INTENT, intent, Step.SUCCEED)
    charge = charges.capture(call, intent, method, was_challenged=was_challenged)
    intent["amount_received"] = intent["amount"]
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = None
    intent["next_action"] = None
    keep_or_spend(call, intent, method, usage=intent["setup_future_usage"])
    call.store.save(intent)
    emit(call, "payment_intent.succeeded", intent)
    charges.dispute_if_meant_to(call, charge, method)


def keep_or_spend(call: Call, intent: Json, method: Json, *, usage: str | None) -> None:
    """A card is saved to the intent's customer if its future use was asked for; else it was good for this once.
    Without a customer it can still be attached to one afterwards.
    """
    if usage == "off_session":
        method["_is_set_up"] = True
    if usage is not None and intent["customer"] is not None:
        save_to_customer(call, method, intent["customer"])
    elif usage is None and method["customer"] is None:
        method["_is_spent"] = True
    call.store.save(method)


def decline_payment(
    call: Call, intent: Json, method: Json, decline: Decline, *, was_challenged: bool = False
) -> StripeError:
    """The intent wants another card; what happened stays in its last error."""
    charge = charges.refuse(call, intent, method, decline, was_challenged=was_challenged)
    take(INTENT, intent, Step.DECLINE)
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = error_of(decline, public(method), charge=charge["id"])
    intent["payment_method"] = None
    intent["next_action"] = None
    call.store.save(intent)
    emit(call, "payment_intent.payment_failed", intent)
    error = card_error(decline, charge=charge["id"], payment_intent=intent, payment_method=public(method))
    error.keeps_effects = True
    return error


def finish_payment_challenge(call: Call, intent: Json, *, is_authenticated: bool) -> None:
    """The holder answered the bank, or closed its page, which is the same as failing."""
    method = call.given("payment_method", intent["payment_method"] or "")
    if is_authenticated:
        ask_bank(call, intent, method, was_challenged=True)
        return
    take(INTENT, intent, Step.DECLINE)
    intent["last_payment_error"] = authentication_failure(intent, method)
    intent["payment_method"] = None
    intent["next_action"] = None
    call.store.save(intent)
    emit(call, "payment_intent.payment_failed", intent)


def settle_payment(call: Call, intent: Json, decline: Decline | None) -> None:
    """Ends `processing`, when the control plane says so."""
    method = call.given("payment_method", intent["payment_method"] or "")
    was_challenged = intent.pop("_was_challenged", False)
    if decline is None:
        complete_payment(call, intent, method, was_challenged=was_challenged)
    else:
        decline_payment(call, intent, method, decline, was_challenged=was_challenged)
