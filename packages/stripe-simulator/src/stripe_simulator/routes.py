"""Every endpoint of the API: its path, what it takes, and whether a browser may call it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stripe_simulator.call import Call
from stripe_simulator.parameters import EXPAND, Shape
from stripe_simulator.resources import (
    balance,
    charges,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
)
from stripe_simulator.shapes import Json

Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Route:
    """`{customer}` in a path is an id of that kind."""

    method: str
    path: str
    handler: Handler
    shape: Shape
    required: Sequence[str] = ()
    is_for_browsers: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)))


ROUTES = (
    Route("POST", "/v1/customers", customers.create_customer, customers.CREATE),
    Route("GET", "/v1/customers", customers.list_customers, customers.LIST),
    Route("GET", "/v1/customers/{customer}", customers.retrieve_customer, EXPAND),
    Route("POST", "/v1/customers/{customer}", customers.update_customer, customers.UPDATE),
    Route(
        "GET",
        "/v1/customers/{customer}/payment_methods",
        payment_methods.list_payment_methods_of_customer,
        payment_methods.LIST_OF_CUSTOMER,
    ),
    Route(
        "GET",
        "/v1/customers/{customer}/payment_methods/{payment_method}",
        payment_methods.retrieve_payment_method_of_customer,
        EXPAND,
    ),
    Route(
        "POST",
        "/v1/payment_methods",
        payment_methods.create_payment_method,
        payment_methods.CREATE,
        required=("type", "card"),
        is_for_browsers=True,
    ),
    Route("GET", "/v1/payment_methods", payment_methods.list_payment_methods, payment_methods.LIST),
    Route("GET", "/v1/payment_methods/{payment_method}", payment_methods.retrieve_payment_method, EXPAND),
    Route(
        "POST",
        "/v1/payment_methods/{payment_method}/attach",
        payment_methods.attach_payment_method,
        payment_methods.ATTACH,
        required=("customer",),
    ),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", payment_methods.detach_payment_method, EXPAND),
    Route(
        "POST",
        "/v1/payment_intents",
        payment_intents.create_payment_intent,
        payment_intents.CREATE,
        required=("amount", "currency"),
    ),
    Route("GET", "/v1/payment_intents", payment_intents.list_payment_intents, payment_intents.LIST),
    Route(
        "GET",
        "/v1/payment_intents/{payment_intent}",
        payment_intents.retrieve_payment_intent,
        payment_intents.RETRIEVE,
        is_for_browsers=True,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{payment_intent}",
        payment_intents.update_payment_intent,
        payment_intents.UPDATE,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{payment_intent}/confirm",
        payment_intents.confirm,
        payment_intents.CONFIRM,
        is_for_browsers=True,
    ),
    Route(
        "POST",
        "/v1/payment_intents/{payment_intent}/cancel",
        payment_intents.cancel_payment_intent,
        payment_intents.CANCEL,
    ),
    Route("POST", "/v1/setup_intents", setup_intents.create_setup_intent, setup_intents.CREATE),
    Route("GET", "/v1/setup_intents", setup_intents.list_setup_intents, setup_intents.LIST),
    Route(
        "GET",
        "/v1/setup_intents/{setup_intent}",
        setup_intents.retrieve_setup_intent,
        setup_intents.RETRIEVE,
        is_for_browsers=True,
    ),
    Route("POST", "/v1/setup_intents/{setup_intent}", setup_intents.update_setup_intent, setup_intents.UPDATE),
    Route(
        "POST",
        "/v1/setup_intents/{setup_intent}/confirm",
        setup_intents.confirm,
        setup_intents.CONFIRM,
        is_for_browsers=True,
    ),
    Route("POST", "/v1/setup_intents/{setup_intent}/cancel", setup_intents.cancel_setup_intent, setup_intents.CANCEL),
    Route("GET", "/v1/charges", charges.list_charges, charges.LIST),
    Route("GET", "/v1/charges/{charge}", charges.retrieve_charge, charges.RETRIEVE),
    Route("POST", "/v1/refunds", refunds.create_refund, refunds.CREATE),
    Route("GET", "/v1/refunds", refunds.list_refunds, refunds.LIST),
    Route("GET", "/v1/refunds/{refund}", refunds.retrieve_refund, refunds.RETRIEVE),
    Route("POST", "/v1/refunds/{refund}", refunds.update_refund, refunds.UPDATE),
    Route("GET", "/v1/disputes", disputes.list_disputes, disputes.LIST),
    Route("GET", "/v1/disputes/{dispute}", disputes.retrieve_dispute, disputes.RETRIEVE),
    Route("POST", "/v1/disputes/{dispute}", disputes.update_dispute, disputes.UPDATE),
    Route("POST", "/v1/disputes/{dispute}/close", disputes.close_dispute, disputes.CLOSE),
    Route("GET", "/v1/payouts", payouts.list_payouts, payouts.LIST),
    Route("GET", "/v1/payouts/{payout}", payouts.retrieve_payout, payouts.RETRIEVE),
    Route("GET", "/v1/events", events.list_events, events.LIST),
    Route("GET", "/v1/events/{event}", events.retrieve_event, events.RETRIEVE),
    Route("GET", "/v1/balance_transactions", balance.list_balance_transactions, balance.LIST),
    Route(
        "GET",
        "/v1/balance_transactions/{balance_transaction}",
        balance.retrieve_balance_transaction,
        balance.RETRIEVE,
    ),
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match is not None:
            return route, match.groupdict()
    return None
