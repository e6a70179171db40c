"""Customers: who a payment is for, and the card that is their default."""

import copy

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError
from stripe_simulator.events import changed, emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import (
    ADDRESS,
    CREATED,
    EXPAND,
    PAGE,
    Shape,
    array,
    merge_metadata,
    metadata,
    nested,
    one_of,
    text,
)
from stripe_simulator.resources.payment_methods import attach_to
from stripe_simulator.shapes import Json

SHIPPING = nested({"name": text, "phone": text, "address": nested(ADDRESS)}, required=("name", "address"))
UPDATE: Shape = {
    **EXPAND,
    "name": text,
    "email": text,
    "phone": text,
    "description": text,
    "address": nested(ADDRESS),
    "shipping": SHIPPING,
    "metadata": metadata,
    "preferred_locales": array(text),
    "tax_exempt": one_of("none", "exempt", "reverse"),
    "invoice_settings": nested({"default_payment_method": text}),
}
CREATE: Shape = {**UPDATE, "payment_method": text}
LIST: Shape = {**PAGE, **CREATED, "email": text}

PREFIX_LETTERS = 8
"""Length of the prefix that Stripe gives each customer's invoices."""


def create_customer(call: Call) -> Json:
    customer_id = new_id("cus")
    customer = call.store.add(
        {
            "id": customer_id,
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": call.now,
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "email": None,
            "invoice_prefix": customer_id[-PREFIX_LETTERS:].upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": {},
            "name": None,
            "next_invoice_sequence": 1,
            "phone": None,
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
    )
    method_id = call.params.get("payment_method")
    if method_id is not None:
        attach_to(call, customer, method_id)
    _apply(call, customer)
    call.store.save(customer)
    emit(call, "customer.created", customer)
    return customer


def retrieve_customer(call: Call) -> Json:
    return call.named("customer")


def update_customer(call: Call) -> Json:
    customer = call.named("customer")
    before = copy.deepcopy(customer)
    _apply(call, customer)
    call.store.save(customer)
    if difference := changed(before, customer):
        emit(call, "customer.updated", customer, previous=difference)
    return customer


def list_customers(call: Call) -> Json:
    return list_of(call, "customer", url="/v1/customers", where={"email =": call.params.get("email")})


def _apply(call: Call, customer: Json) -> None:
    for name, value in call.params.items():
        if name in ("expand", "payment_method"):
            continue
        if name == "metadata":
            customer["metadata"] = merge_metadata(customer["metadata"], value)
        elif name == "invoice_settings":
            _set_default(call, customer, (value or {}).get("default_payment_method"))
        elif name == "address":
            customer["address"] = None if value is None else dict.fromkeys(ADDRESS) | value
        elif name == "shipping" and value is not None:
            customer["shipping"] = {"phone": None, **value, "address": dict.fromkeys(ADDRESS) | value["address"]}
        elif name == "tax_exempt":
            customer["tax_exempt"] = value or "none"
        else:
            customer[name] = value


def _set_default(call: Call, customer: Json, method_id: str | None) -> None:
    if method_id is not None:
        param = "invoice_settings[default_payment_method]"
        method = call.given("payment_method", method_id, param=param)
        if method["customer"] != customer["id"]:
            raise StripeError(
                f"The customer does not have a payment method with the ID {method_id}. "
                "The payment method must be attached to the customer.",
                code="resource_missing",
                param=param,
            )
    customer["invoice_settings"]["default_payment_method"] = method_id
