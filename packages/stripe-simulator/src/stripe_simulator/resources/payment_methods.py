"""Payment methods: cards, made by the browser or from Stripe's test tokens, and saved to a customer."""

import hashlib
from datetime import UTC, datetime

from stripe_simulator.call import Call
from stripe_simulator.cards import (
    BY_NUMBER,
    BY_TOKEN,
    LONGEST_NUMBER,
    NOT_A_TEST_CARD,
    SHORTEST_NUMBER,
    Card,
    Decline,
    has_valid_check_digit,
)
from stripe_simulator.errors import StripeError, documentation_of
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import (
    ADDRESS,
    EXPAND,
    PAGE,
    Shape,
    is_digits,
    merge_metadata,
    metadata,
    nested,
    one_of,
    text,
)
from stripe_simulator.shapes import Json

BILLING: Shape = {"address": nested(ADDRESS), "email": text, "name": text, "phone": text}
CARD: Shape = {"number": text, "exp_month": text, "exp_year": text, "cvc": text}
CREATE: Shape = {
    **EXPAND,
    "type": one_of("card"),
    "card": nested(CARD, required=("number", "exp_month", "exp_year")),
    "billing_details": nested(BILLING),
    "metadata": metadata,
    "allow_redisplay": one_of("always", "limited", "unspecified"),
}
ATTACH: Shape = {**EXPAND, "customer": text}
LIST: Shape = {**PAGE, "customer": text, "type": text, "allow_redisplay": text}
LIST_OF_CUSTOMER: Shape = {**PAGE, "type": text, "allow_redisplay": text}

MONTHS = 12
CENTURY = 100
LONGEST_LIFE_YEARS = 50
"""Later than this, Stripe takes an expiry year for a typing error."""
TOKEN_EXPIRES = (12, 5)
"""A test token's card: December, and years from now."""


def create_payment_method(call: Call) -> Json:
    """A new card from its number. Its fields are checked as Stripe checks them before any bank is asked."""
    entered = call.params["card"]
    number = "".join(entered["number"].split())
    if not is_digits(number) or not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        raise _bad_field("incorrect_number", "Your card number is incorrect.", "number")
    if not has_valid_check_digit(number):
        raise _bad_field("incorrect_number", "Your card number is incorrect.", "number")
    month, year = _expiry(call, entered)
    cvc = entered.get("cvc")
    if cvc is not None and not (is_digits(cvc) and len(cvc) in (3, 4)):
        raise _bad_field("invalid_cvc", "Your card's security code is invalid.", "cvc")
    card = BY_NUMBER.get(number)
    if card is None:
        raise card_error(NOT_A_TEST_CARD)
    return _add(call, card, month=month, year=year, has_cvc=cvc is not None, data=call.params)


def method_for(call: Call, method_id: str) -> Json:
    """The card that a parameter names. Each use of a test token makes a new card."""
    card = BY_TOKEN.get(method_id)
    if card is None:
        return call.given("payment_method", method_id)
    month, years = TOKEN_EXPIRES
    return _add(call, card, month=month, year=_today(call).year + years, has_cvc=True, data={})


def retrieve_payment_method(call: Call) -> Json:
    method_id = call.ids["payment_method"]
    return method_for(call, method_id) if method_id in BY_TOKEN else call.named("payment_method")


def list_payment_methods(call: Call) -> Json:
    customer_id = call.params.get("customer")
    if customer_id is None:
        return {"object": "list", "data": [], "has_more": False, "url": "/v1/payment_methods"}
    call.given("customer", customer_id)
    return list_of(call, "payment_method", url="/v1/payment_methods", where={"customer =": customer_id})


def list_payment_methods_of_customer(call: Call) -> Json:
    customer = call.named("customer")
    url = f"/v1/customers/{customer['id']}/payment_methods"
    return list_of(call, "payment_method", url=url, where={"customer =": customer["id"]})


def retrieve_payment_method_of_customer(call: Call) -> Json:
    customer, method = call.named("customer"), call.named("payment_method")
    if method["customer"] != customer["id"]:
        raise StripeError(
            f"No such PaymentMethod: '{method['id']}'; it is not attached to this customer.",
            status=404,
            code="resource_missing",
            param="payment_method",
        )
    return method


def attach_payment_method(call: Call) -> Json:
    customer = call.given("customer", call.params["customer"])
    return attach_to(call, customer, call.ids["payment_method"])


def attach_to(call: Call, customer: Json, method_id: str) -> Json:
    """Saves a card by itself. The bank may decline that; the card isn't set up for use without its holder by this."""
    method = method_for(call, method_id)
    if method["customer"] not in (None, customer["id"]):
        raise StripeError("The payment method you provided has already been attached to a customer.")
    refuse_spent(method)
    card = BY_NUMBER[method["_number"]]
    if card.decline is not None and card.decline_on_save:
        raise card_error(card.decline)
    save_to_customer(call, method, customer["id"])
    return method


def save_to_customer(call: Call, method: Json, customer_id: str) -> None:
    if method["customer"] == customer_id:
        return
    method["customer"] = customer_id
    call.store.save(method)
    emit(call, "payment_method.attached", method)


def detach_payment_method(call: Call) -> Json:
    method = call.named("payment_method")
    customer_id = method["customer"]
    if customer_id is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    method["_is_spent"] = True
    call.store.save(method)
    customer = call.store.find("customer", customer_id)
    if customer is not None and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        call.store.save(customer)
    emit(call, "payment_method.detached", method, previous={"customer": customer_id})
    return method


def refuse_spent(method: Json) -> None:
    """A card used once without being saved, or taken away from its customer, can't be used again."""
    if method["_is_spent"] and method["customer"] is None:
        raise StripeError(
            "The provided PaymentMethod was previously used without being attached to a Customer, or was detached "
            "from a Customer, and may not be used again. To use a PaymentMethod multiple times, you must attach it "
            "to a Customer first.",
            code="payment_method_unexpected_state",
        )


def card_error(decline: Decline, **more: object) -> StripeError:
    details: Json = {"decline_code": decline.decline_code} if decline.decline_code else {}
    return StripeError(decline.message, status=402, kind="card_error", code=decline.code, more={**details, **more})


def error_of(decline: Decline, method: Json, **more: object) -> Json:
    """The same as an intent's last error."""
    error: Json = {
        "code": decline.code,
        "doc_url": documentation_of(decline.code),
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
        **more,
    }
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    return error


def _add(call: Call, card: Card, *, month: int, year: int, has_cvc: bool, data: Json) -> Json:
    given = data.get("billing_details") or {}
    address = dict.fromkeys(ADDRESS) | (given.get("address") or {})
    return call.store.add(
        {
            "id": new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": data.get("allow_redisplay") or "unspecified",
            "billing_details": {
                "address": address,
                "email": given.get("email"),
                "name": given.get("name"),
                "phone": given.get("phone"),
                "tax_id": None,
            },
            "card": {
                "brand": card.brand,
                "checks": {
                    "address_line1_check": "pass" if address["line1"] else None,
                    "address_postal_code_check": "pass" if address["postal_code"] else None,
                    "cvc_check": "pass" if has_cvc else None,
                },
                "country": "US",
                "display_brand": card.brand,
                "exp_month": month,
                "exp_year": year,
                "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
                "funding": "credit",
                "generated_from": None,
                "last4": card.number[-4:],
                "networks": {"available": [card.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "created": call.now,
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": merge_metadata({}, data.get("metadata") or {}),
            "type": "card",
            "_number": card.number,
            "_is_set_up": False,
            "_is_spent": False,
        }
    )


def _expiry(call: Call, entered: Json) -> tuple[int, int]:
    month, year = entered["exp_month"], entered["exp_year"]
    if not is_digits(month) or not 1 <= int(month) <= MONTHS:
        raise _bad_field("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    today = _today(call)
    full_year = int(year) if is_digits(year) else 0
    if full_year < CENTURY:
        full_year += today.year - today.year % CENTURY
    is_past = (full_year, int(month)) < (today.year, today.month)
    if not is_digits(year) or is_past or full_year > today.year + LONGEST_LIFE_YEARS:
        raise _bad_field("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    return int(month), full_year


def _today(call: Call) -> datetime:
    return datetime.fromtimestamp(call.now, UTC)


def _bad_field(code: str, message: str, param: str) -> StripeError:
    return StripeError(message, status=402, kind="card_error", code=code, param=param)
