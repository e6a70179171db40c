"""The same key gives the same answer, errors included, and never a second effect."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from simulator import SimulatorProcess

PAYMENT = {
    "amount": "5000",
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": "true",
    "automatic_payment_methods[enabled]": "true",
    "automatic_payment_methods[allow_redirects]": "never",
}
DAY = 24 * 3600


@pytest.fixture
def api(simulator: SimulatorProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.origin, auth=("sk_test_suite", ""), trust_env=False) as client:
        yield client


def post(api: httpx.Client, key: str, path: str = "/v1/payment_intents", **more: str) -> httpx.Response:
    return api.post(path, data={**PAYMENT, **more}, headers={"Idempotency-Key": key})


def intents(api: httpx.Client) -> list[Any]:
    return list(api.get("/v1/payment_intents").json()["data"])


def test_a_repeated_call_is_answered_as_the_first_and_pays_once(api: httpx.Client):
    first, second = post(api, "order:1:attempt:1"), post(api, "order:1:attempt:1")
    assert second.json() == first.json()
    assert (first.headers.get("idempotent-replayed"), second.headers["idempotent-replayed"]) == (None, "true")
    assert second.headers["original-request"] == first.headers["request-id"] != second.headers["request-id"]
    assert len(intents(api)) == 1


def test_a_decline_is_replayed_with_its_status(api: httpx.Client):
    first = post(api, "order:2:attempt:1", payment_method="pm_card_visa_chargeDeclined")
    second = post(api, "order:2:attempt:1", payment_method="pm_card_visa_chargeDeclined")
    assert (first.status_code, second.status_code, second.json()) == (402, 402, first.json())
    assert len(api.get("/v1/charges").json()["data"]) == 1


def test_a_key_is_for_one_request(api: httpx.Client):
    post(api, "order:3:attempt:1")
    for other in (post(api, "order:3:attempt:1", amount="5001"), post(api, "order:3:attempt:1", "/v1/customers")):
        assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(intents(api)) == 1
    assert post(api, "order:3:attempt:1").headers["idempotent-replayed"] == "true"


def test_a_request_that_never_started_leaves_its_key_free(api: httpx.Client):
    assert post(api, "order:4:attempt:1", amount="five").json()["error"]["code"] == "parameter_invalid_integer"
    assert post(api, "order:4:attempt:1").status_code == 200


def test_a_key_is_forgotten_after_a_day(api: httpx.Client, simulator: SimulatorProcess):
    first = post(api, "order:5:attempt:1").json()
    simulator.advance_clock(DAY - 60)
    assert post(api, "order:5:attempt:1").json() == first
    simulator.advance_clock(120)
    assert post(api, "order:5:attempt:1").json()["id"] != first["id"]


def test_keys_have_a_length(api: httpx.Client):
    assert post(api, "k" * 255).status_code == 200
    too_long = post(api, "k" * 256)
    assert (too_long.status_code, too_long.json()["error"]["type"]) == (400, "idempotency_error")


def test_of_many_at_once_with_one_key_one_takes_effect(api: httpx.Client, simulator: SimulatorProcess):
    simulator.delay_next(0.5)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(api, "order:6:attempt:1"), range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert (statuses[0], statuses[-1]) == (200, 409)
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 409} == {"idempotency_key_in_use"}
    assert len(intents(api)) == 1


def test_an_answer_that_was_lost_is_there_at_the_repetition(api: httpx.Client, simulator: SimulatorProcess):
    simulator.fail_next(how="disconnect", when="after")
    with pytest.raises(httpx.RemoteProtocolError):
        post(api, "order:7:attempt:1")
    assert post(api, "order:7:attempt:1").json()["id"] == intents(api)[0]["id"]
    assert len(intents(api)) == 1


def test_a_call_that_failed_before_its_effect_can_be_repeated(api: httpx.Client, simulator: SimulatorProcess):
    simulator.fail_next(when="before", method="POST", path="/v1/payment_intents*", status=503)
    assert api.get("/v1/payment_intents").status_code == 200
    failed = post(api, "order:8:attempt:1")
    assert (failed.status_code, failed.json()["error"]["type"]) == (503, "api_error")
    assert intents(api) == []
    assert post(api, "order:8:attempt:1").status_code == 200


def test_a_disconnected_call_without_effect(api: httpx.Client, simulator: SimulatorProcess):
    simulator.fail_next(how="disconnect", when="before")
    with pytest.raises(httpx.RemoteProtocolError):
        post(api, "order:9:attempt:1")
    assert intents(api) == []
