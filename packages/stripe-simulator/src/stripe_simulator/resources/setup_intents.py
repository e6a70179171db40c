"""SetupIntents: saving a card for later, without a payment."""

from stripe_simulator.call import Call
from stripe_simulator.events import emit
from stripe_simulator.ids import new_client_secret, new_id
from stripe_simulator.intents import (
    CARD_OPTIONS,
    METHOD,
    TYPES,
    automatic_methods,
    card_only,
    check_secret,
    given_method,
)
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import (
    CREATED,
    EXPAND,
    PAGE,
    Shape,
    boolean,
    merge_metadata,
    metadata,
    nested,
    one_of,
    text,
)
from stripe_simulator.setups import confirm_setup
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import INTENT, REQUIRES_PAYMENT_METHOD, Step, take

DETAILS: Shape = {
    "customer": text,
    "description": text,
    "metadata": metadata,
    "payment_method_options": CARD_OPTIONS,
    "payment_method_types": TYPES,
}
CREATE: Shape = {
    **EXPAND,
    **DETAILS,
    **METHOD,
    "automatic_payment_methods": nested(
        {"enabled": boolean, "allow_redirects": one_of("always", "never")}, required=("enabled",)
    ),
    "confirm": boolean,
    "return_url": text,
    "usage": one_of("off_session", "on_session"),
    "use_stripe_sdk": boolean,
}
UPDATE: Shape = {**EXPAND, **DETAILS, **METHOD}
RETRIEVE: Shape = {**EXPAND, "client_secret": text}
CONFIRM: Shape = {
    **EXPAND,
    **METHOD,
    "client_secret": text,
    "payment_method_options": CARD_OPTIONS,
    "return_url": text,
    "use_stripe_sdk": boolean,
}
CANCEL: Shape = {**EXPAND, "cancellation_reason": one_of("abandoned", "duplicate", "requested_by_customer")}
LIST: Shape = {**PAGE, **CREATED, "customer": text, "payment_method": text}


def create_setup_intent(call: Call) -> Json:
    intent_id = new_id("seti")
    intent = call.store.add(
        {
            "id": intent_id,
            "object": "setup_intent",
            "application": None,
            "automatic_payment_methods": automatic_methods(call),
            "cancellation_reason": None,
            "client_secret": new_client_secret(intent_id),
            "created": call.now,
            "customer": None,
            "customer_account": None,
            "description": None,
            "excluded_payment_method_types": None,
            "flow_directions": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {
                "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
            },
            "payment_method_types": ["card"],
            "single_use_mandate": None,
            "status": REQUIRES_PAYMENT_METHOD,
            "usage": call.params.get("usage") or "off_session",
        }
    )
    _apply_details(call, intent)
    method = given_method(call, intent)
    if method is not None:
        intent["payment_method"] = method["id"]
        take(INTENT, intent, Step.GIVE_METHOD)
    call.store.save(intent)
    emit(call, "setup_intent.created", intent)
    return confirm_setup(call, intent, method) if call.params.get("confirm") else intent


def retrieve_setup_intent(call: Call) -> Json:
    intent = call.named("setup_intent")
    check_secret(call, intent)
    return intent


def list_setup_intents(call: Call) -> Json:
    where = {"customer =": call.params.get("customer"), "payment_method =": call.params.get("payment_method")}
    return list_of(call, "setup_intent", url="/v1/setup_intents", where=where)


def update_setup_intent(call: Call) -> Json:
    intent = call.named("setup_intent")
    _apply_details(call, intent)
    method = given_method(call, intent)
    if method is not None:
        take(INTENT, intent, Step.GIVE_METHOD)
        intent["payment_method"] = method["id"]
        intent["next_action"] = None
    return call.store.save(intent)


def confirm(call: Call) -> Json:
    intent = call.named("setup_intent")
    check_secret(call, intent)
    _apply_details(call, intent)
    return confirm_setup(call, intent, given_method(call, intent))


def cancel_setup_intent(call: Call) -> Json:
    intent = call.named("setup_intent")
    take(INTENT, intent, Step.CANCEL)
    intent["cancellation_reason"] = call.params.get("cancellation_reason")
    intent["next_action"] = None
    call.store.save(intent)
    emit(call, "setup_intent.canceled", intent)
    return intent


def _apply_details(call: Call, intent: Json) -> None:
    params = call.params
    if params.get("customer") is not None:
        intent["customer"] = call.given("customer", params["customer"])["id"]
    if "metadata" in params:
        intent["metadata"] = merge_metadata(intent["metadata"], params["metadata"])
    if "payment_method_types" in params:
        intent["payment_method_types"] = card_only(params["payment_method_types"])
    options = ((params.get("payment_method_options") or {}).get("card") or {}).get("request_three_d_secure")
    if options is not None:
        intent["payment_method_options"]["card"]["request_three_d_secure"] = options
    if "description" in params:
        intent["description"] = params["description"]
