"""PaymentIntents: one for each thing that is to be paid, however often a card is tried for it."""

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError, refused_parameter
from stripe_simulator.events import emit
from stripe_simulator.ids import new_client_secret, new_id
from stripe_simulator.intents import (
    CARD_OPTIONS,
    METHOD,
    SHIPPING,
    TYPES,
    automatic_methods,
    card_only,
    check_secret,
    given_method,
    refuse_for_browsers,
)
from stripe_simulator.listing import list_of
from stripe_simulator.money import check_amount
from stripe_simulator.parameters import (
    ADDRESS,
    CREATED,
    EXPAND,
    PAGE,
    Shape,
    boolean,
    integer,
    merge_metadata,
    metadata,
    nested,
    off_session,
    one_of,
    text,
)
from stripe_simulator.payments import confirm_payment
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import (
    INTENT,
    REQUIRES_ACTION,
    REQUIRES_CONFIRMATION,
    REQUIRES_PAYMENT_METHOD,
    Step,
    take,
    unexpected_state,
)

DETAILS: Shape = {
    "customer": text,
    "description": text,
    "metadata": metadata,
    "receipt_email": text,
    "setup_future_usage": one_of("off_session", "on_session"),
    "shipping": SHIPPING,
    "statement_descriptor": text,
    "statement_descriptor_suffix": text,
    "payment_method_options": CARD_OPTIONS,
    "payment_method_types": TYPES,
}
AMOUNT: Shape = {"amount": integer, "currency": text}
CONFIRMING: Shape = {
    "error_on_requires_action": boolean,
    "off_session": off_session,
    "return_url": text,
    "use_stripe_sdk": boolean,
}
CREATE: Shape = {
    **EXPAND,
    **AMOUNT,
    **DETAILS,
    **METHOD,
    **CONFIRMING,
    "automatic_payment_methods": nested(
        {"enabled": boolean, "allow_redirects": one_of("always", "never")}, required=("enabled",)
    ),
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "confirm": boolean,
    "confirmation_method": one_of("automatic", "manual"),
}
UPDATE: Shape = {**EXPAND, **AMOUNT, **DETAILS, **METHOD}
RETRIEVE: Shape = {**EXPAND, "client_secret": text}
CONFIRM: Shape = {
    **EXPAND,
    **METHOD,
    **CONFIRMING,
    "client_secret": text,
    "receipt_email": text,
    "setup_future_usage": one_of("off_session", "on_session"),
    "shipping": SHIPPING,
    "payment_method_options": CARD_OPTIONS,
}
CANCEL: Shape = {
    **EXPAND,
    "cancellation_reason": one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
}
LIST: Shape = {**PAGE, **CREATED, "customer": text}

CHANGEABLE = (REQUIRES_PAYMENT_METHOD, REQUIRES_CONFIRMATION, REQUIRES_ACTION)
ALWAYS_CHANGEABLE = frozenset(("metadata", "description", "expand", "receipt_email", "shipping"))
"""What may still be changed when the payment is over."""


def create_payment_intent(call: Call) -> Json:
    amount, currency = call.params["amount"], call.params["currency"].lower()
    check_amount(amount, currency)
    is_confirmed = bool(call.params.get("confirm"))
    for name in CONFIRMING:
        if call.params.get(name) is not None and not is_confirmed and name != "use_stripe_sdk":
            raise refused_parameter(f"The parameter '{name}' can only be used with confirm=true.", param=name)
    if call.params.get("capture_method") == "manual":
        raise refused_parameter(
            "The simulator captures at once: capture_method can't be manual.", param="capture_method"
        )
    intent_id = new_id("pi")
    intent = call.store.add(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": automatic_methods(call),
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": call.params.get("capture_method") or "automatic_async",
            "client_secret": new_client_secret(intent_id),
            "confirmation_method": call.params.get("confirmation_method") or "automatic",
            "created": call.now,
            "currency": currency,
            "customer": None,
            "customer_account": None,
            "description": None,
            "excluded_payment_method_types": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {
                "card": {
                    "installments": None,
                    "mandate_options": None,
                    "network": None,
                    "request_three_d_secure": "automatic",
                }
            },
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": REQUIRES_PAYMENT_METHOD,
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    _apply_details(call, intent)
    method = given_method(call, intent)
    if method is not None:
        intent["payment_method"] = method["id"]
        take(INTENT, intent, Step.GIVE_METHOD)
    call.store.save(intent)
    emit(call, "payment_intent.created", intent)
    return confirm_payment(call, intent, method) if is_confirmed else intent


def retrieve_payment_intent(call: Call) -> Json:
    intent = call.named("payment_intent")
    check_secret(call, intent)
    return intent


def list_payment_intents(call: Call) -> Json:
    return list_of(call, "payment_intent", url="/v1/payment_intents", where={"customer =": call.params.get("customer")})


def update_payment_intent(call: Call) -> Json:
    intent = call.named("payment_intent")
    if intent["status"] not in CHANGEABLE and not call.params.keys() <= ALWAYS_CHANGEABLE:
        raise unexpected_state(intent, "update")
    amount = call.params.get("amount") or intent["amount"]
    currency = (call.params.get("currency") or intent["currency"]).lower()
    if (amount, currency) != (intent["amount"], intent["currency"]):
        check_amount(amount, currency)
        intent["amount"], intent["currency"] = amount, currency
        _ask_again(intent)
    _apply_details(call, intent)
    method = given_method(call, intent)
    if method is not None:
        intent["payment_method"] = method["id"]
        intent["next_action"] = None
        take(INTENT, intent, Step.GIVE_METHOD)
    return call.store.save(intent)


def confirm(call: Call) -> Json:
    intent = call.named("payment_intent")
    check_secret(call, intent)
    refuse_for_browsers(call, "off_session", "error_on_requires_action")
    if intent["confirmation_method"] == "manual" and call.is_publishable:
        raise StripeError(
            "This PaymentIntent's confirmation_method is manual, so it can only be confirmed with a secret key.",
            code="payment_intent_invalid_parameter",
        )
    _apply_details(call, intent)
    return confirm_payment(call, intent, given_method(call, intent))


def cancel_payment_intent(call: Call) -> Json:
    intent = call.named("payment_intent")
    take(INTENT, intent, Step.CANCEL)
    intent["canceled_at"] = call.now
    intent["cancellation_reason"] = call.params.get("cancellation_reason")
    intent["next_action"] = None
    call.store.save(intent)
    emit(call, "payment_intent.canceled", intent)
    return intent


def _ask_again(intent: Json) -> None:
    """A challenge was about the old amount, so it is void."""
    if intent["status"] == REQUIRES_ACTION:
        take(INTENT, intent, Step.GIVE_METHOD)
        intent["next_action"] = None


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
    if params.get("shipping") is not None:
        given = params["shipping"]
        blank = dict.fromkeys(("carrier", "phone", "tracking_number"))
        intent["shipping"] = {**blank, **given, "address": dict.fromkeys(ADDRESS) | given["address"]}
    for name in (
        "description",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
    ):
        if name in params:
            intent[name] = params[name]
