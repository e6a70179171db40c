"""What PaymentIntents and SetupIntents share: their secret, the card they are given, the challenge they ask for."""

from urllib.parse import quote

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError, documentation_of, refused_parameter
from stripe_simulator.parameters import ADDRESS, Shape, array, nested, one_of, text
from stripe_simulator.present import public
from stripe_simulator.resources.payment_methods import method_for, refuse_spent
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import CANCELED, SUCCEEDED, unexpected_state

NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}
SHIPPING = nested(
    {"name": text, "phone": text, "address": nested(ADDRESS), "carrier": text, "tracking_number": text},
    required=("name", "address"),
)
METHOD: Shape = {"payment_method": text}
CARD_OPTIONS = nested({"card": nested({"request_three_d_secure": one_of("any", "automatic", "challenge")})})


def check_secret(call: Call, intent: Json) -> None:
    """A browser must show the intent's secret. A server may, and then it must be the right one."""
    secret = call.params.get("client_secret")
    if secret is None:
        if call.is_publishable:
            raise refused_parameter(
                "Missing required param: client_secret.", param="client_secret", code="parameter_missing"
            )
    elif secret != intent["client_secret"]:
        name = NAMES[intent["object"]]
        raise StripeError(
            f"The client_secret provided does not match the client_secret associated with the {name}.",
            code=f"{intent['object']}_invalid_parameter",
            param="client_secret",
        )


def refuse_for_browsers(call: Call, *names: str) -> None:
    for name in names:
        if call.is_publishable and name in call.params:
            raise refused_parameter(
                f"The parameter '{name}' can only be used with a secret API key.", param=name, code="parameter_unknown"
            )


def automatic_methods(call: Call) -> Json | None:
    """What `automatic_payment_methods` asks for. Without it and without a list of types it is on, as the API's
    version has it.
    """
    given: Json | None = call.params.get("automatic_payment_methods")
    types = call.params.get("payment_method_types")
    if given is not None and given["enabled"]:
        if types:
            raise StripeError(
                "You cannot enable `automatic_payment_methods` while providing `payment_method_types`.",
                param="payment_method_types",
            )
        return {"allow_redirects": given.get("allow_redirects") or "always", "enabled": True}
    return None if types or given is not None else {"allow_redirects": "always", "enabled": True}


def card_only(types: list[str] | None) -> list[str]:
    for kind in types or ["card"]:
        if kind != "card":
            raise refused_parameter(
                f'The payment method type "{kind}" is invalid. The simulator has cards alone.',
                param="payment_method_types",
            )
    return ["card"]


def given_method(call: Call, intent: Json) -> Json | None:
    """The card that this request names, checked against the intent's customer. A card's number comes to the API in one
    place alone, where a browser makes a payment method of it.
    """
    method_id = call.params.get("payment_method")
    if method_id is None:
        return None
    method = method_for(call, method_id)
    check_owner(method, intent)
    return method


def check_owner(method: Json, intent: Json) -> None:
    refuse_spent(method)
    owner, name = method["customer"], NAMES[intent["object"]]
    if owner is None or owner == intent["customer"]:
        return
    if intent["customer"] is None:
        raise StripeError(
            f"The PaymentMethod {method['id']} belongs to a Customer. Please include the Customer in the `customer` "
            f"parameter on the {name}.",
            code=f"{intent['object']}_invalid_parameter",
            param="payment_method",
        )
    raise StripeError(
        f"The PaymentMethod {method['id']} does not belong to the Customer of this {name}.",
        code=f"{intent['object']}_invalid_parameter",
        param="payment_method",
    )


def refuse_finished(intent: Json) -> None:
    """Says why an intent can't be confirmed any more."""
    name = NAMES[intent["object"]]
    if intent["status"] == SUCCEEDED:
        raise StripeError(
            f"You cannot confirm this {name} because it has already succeeded after being previously confirmed.",
            code=f"{intent['object']}_unexpected_state",
            more={intent["object"]: intent},
        )
    if intent["status"] == CANCELED:
        raise unexpected_state(intent, "confirm")


def missing_method(intent: Json) -> StripeError:
    name = NAMES[intent["object"]]
    return StripeError(
        f"You cannot confirm this {name} because it's missing a payment method. You can either update the {name} with "
        "a payment method and then confirm it again, or confirm it again directly with a payment method.",
        code=f"{intent['object']}_unexpected_state",
        more={intent["object"]: intent},
    )


def check_return_url(call: Call, intent: Json) -> None:
    """With redirecting payment methods enabled, a confirmation must say where to come back to."""
    automatic = intent["automatic_payment_methods"]
    is_needed = automatic is not None and automatic["allow_redirects"] == "always"
    if is_needed and not call.params.get("return_url") and not call.params.get("off_session"):
        raise StripeError(
            f"This {NAMES[intent['object']]} is configured to accept payment methods that might redirect your customer "
            "off of your page, so you must provide a `return_url`. If you don't want to accept redirect-based payment "
            "methods, set `automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to `never`.",
            param="return_url",
        )


def next_action(call: Call, intent: Json) -> Json:
    """Where the holder authenticates: in a frame that the browser's script opens, or on a page of its own."""
    url = f"{call.origin}/3d_secure/{intent['id']}?client_secret={quote(intent['client_secret'])}"
    return_url = call.params.get("return_url")
    automatic = intent["automatic_payment_methods"]
    may_redirect = automatic is None or automatic["allow_redirects"] == "always"
    if return_url and may_redirect and not call.params.get("use_stripe_sdk"):
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}


def authentication_failure(intent: Json, method: Json) -> Json:
    """The last error of an intent whose challenge was failed or closed."""
    code = f"{intent['object']}_authentication_failure"
    return {
        "code": code,
        "doc_url": documentation_of(code),
        "message": "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again.",
        "payment_method": public(method),
        "type": "invalid_request_error",
    }


TYPES = array(text)
