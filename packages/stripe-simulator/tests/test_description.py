"""The judge itself: what Stripe describes passes, a planted wrong field doesn't, on either side."""

import copy
import json
from typing import Any

import pytest
import stripe

from stripe_description import check_answer, check_event, check_request

CREATE = ("POST", "/v1/payment_intents")
GOOD = {"amount": "5000", "currency": "usd", "automatic_payment_methods[enabled]": "true", "expand[0]": "customer"}


def test_good_requests_pass():
    check_request(*CREATE, GOOD)
    check_request(*CREATE, {"amount": 5000, "currency": "usd", "metadata": {"order": "7"}})
    check_request("GET", "/v1/payment_intents/pi_1", {"client_secret": "pi_1_secret_1", "expand[]": "customer"})
    check_request("GET", "/v1/events", {"created[gte]": "1", "limit": "10", "types[0]": "charge.refunded"})
    check_request("POST", "/v1/customers/cus_1", {"name": "", "metadata": ""})


@pytest.mark.parametrize(
    "planted",
    [
        {"colour": "red"},
        {"amount": "five"},
        {"automatic_payment_methods[colour]": "red"},
        {"automatic_payment_methods[enabled]": "perhaps"},
        {"setup_future_usage": "sometimes"},
        {"metadata": "x"},
        {"client_secret": "pi_1_secret_1"},
        {"expand[1][x]": "customer"},
    ],
)
def test_a_planted_wrong_parameter_is_seen(planted: dict[str, str]):
    with pytest.raises(AssertionError, match="POST /v1/payment_intents: the request isn't as Stripe describes it"):
        check_request(*CREATE, {**GOOD, **planted})


def test_a_parameter_that_is_a_value_and_has_parts_is_seen():
    with pytest.raises(AssertionError, match=r"expand\[0\]\[x\] is a value and has parts"):
        check_request(*CREATE, {**GOOD, "expand[0][x]": "customer"})


def test_a_missing_or_unknown_place_is_seen():
    with pytest.raises(AssertionError, match="'currency' is a required property"):
        check_request(*CREATE, {"amount": "5000"})
    with pytest.raises(AssertionError, match="no path /v1/payment_intent"):
        check_request("POST", "/v1/payment_intent", {})
    with pytest.raises(AssertionError, match="no DELETE"):
        check_request("DELETE", "/v1/payment_intents/pi_1", {})
    with pytest.raises(AssertionError, match="isn't as Stripe describes it"):
        check_request("GET", "/v1/events", {"since": "1"})


@pytest.fixture
def intent(client: stripe.StripeClient) -> Any:
    made = client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "expand": ["latest_charge", "payment_method"],
        }
    )
    return json.loads(json.dumps(made.to_dict()))


def plant(thing: Any, path: str, value: Any) -> Any:
    changed = copy.deepcopy(thing)
    place = changed
    *parts, last = path.split(".")
    for part in parts:
        place = place[part]
    place[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("colour", "red"),
        ("amount", "5000"),
        ("status", "paid"),
        ("livemode", None),
        ("automatic_payment_methods.colour", "red"),
        ("latest_charge.colour", "red"),
        ("latest_charge.amount", None),
        ("latest_charge.payment_method_details.card.exp_year", "2034"),
        ("payment_method.card.colour", "red"),
        ("payment_method.card", None),
    ],
)
def test_a_planted_wrong_field_of_an_answer_is_seen(intent: Any, path: str, value: Any):
    check_answer(*CREATE, 200, intent)
    with pytest.raises(AssertionError, match="the answer 200 isn't as Stripe describes it"):
        check_answer(*CREATE, 200, plant(intent, path, value))


def test_a_missing_field_of_an_answer_is_seen(intent: Any):
    del intent["status"]
    with pytest.raises(AssertionError, match="'status' is a required property"):
        check_answer(*CREATE, 200, intent)


def test_errors_are_judged_too():
    good = {"error": {"type": "card_error", "code": "card_declined", "decline_code": "x", "message": "No."}}
    check_answer(*CREATE, 402, good)
    for path, value in (("error.colour", "red"), ("error.type", "bad_luck"), ("error.code", 7)):
        with pytest.raises(AssertionError, match="the answer 402"):
            check_answer(*CREATE, 402, plant(good, path, value))


def test_the_object_in_an_event_is_judged(client: stripe.StripeClient, intent: Any):
    listed = client.v1.events.list({"type": "payment_intent.succeeded"}).data
    event = json.loads(json.dumps(listed[0].to_dict()))
    check_event(event)
    with pytest.raises(AssertionError, match=r"the payment_intent in payment_intent\.succeeded"):
        check_event(plant(event, "data.object.colour", "red"))
