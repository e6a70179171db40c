"""The bank's page: the holder completes the authentication, fails it, or closes the page."""

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError, resource_missing
from stripe_simulator.intents import check_secret
from stripe_simulator.payments import finish_payment_challenge
from stripe_simulator.setups import finish_setup_challenge
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import REQUIRES_ACTION

OUTCOMES = ("complete", "fail", "cancel")
KINDS = {"pi": "payment_intent", "seti": "setup_intent"}


def challenged_intent(call: Call, intent_id: str) -> Json:
    """The intent that a challenge page is about; its secret must be shown."""
    kind = KINDS.get(intent_id.partition("_")[0])
    intent = call.store.find(kind, intent_id) if kind else None
    if intent is None:
        raise resource_missing("intent", intent_id, param="intent")
    check_secret(call, intent)
    return intent


def finish_challenge(call: Call, intent_id: str, outcome: str) -> Json:
    """The intent afterwards. An answer that comes twice, or too late, changes nothing."""
    if outcome not in OUTCOMES:
        raise StripeError(f"Unknown outcome: {outcome}", status=404, is_replayed=False)
    intent = challenged_intent(call, intent_id)
    if intent["status"] != REQUIRES_ACTION:
        return intent
    finish = finish_payment_challenge if intent["object"] == "payment_intent" else finish_setup_challenge
    finish(call, intent, is_authenticated=outcome == "complete")
    return intent
