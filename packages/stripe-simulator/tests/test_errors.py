"""What a wrong call gets, over bare HTTP, in the shape that Stripe describes."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from simulator import SimulatorProcess
from stripe_description import check_answer

SECRET = {"Authorization": "Bearer sk_test_suite"}
PUBLIC = {"Authorization": "Bearer pk_test_suite"}


@pytest.fixture
def api(simulator: SimulatorProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.origin, trust_env=False) as client:
        yield client


def error_of(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status
    path = answer.request.url.path
    if path != "/v1/nothing":
        check_answer(answer.request.method, path, status, answer.json())
    return answer.json()["error"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer sk_live_1", "Bearer rk_test_1", "Basic !", "Basic c2tfbGl2ZV94Og==", "Digest x"]
)
def test_a_key_that_is_no_test_key_is_401(api: httpx.Client, header: str):
    answer = api.get("/v1/customers", headers={"Authorization": header} if header else {})
    assert error_of(answer, 401)["type"] == "invalid_request_error"


def test_a_key_is_not_shown_whole(api: httpx.Client):
    answer = api.get("/v1/customers", headers={"Authorization": "Bearer sk_live_abcdefghij1234"})
    assert error_of(answer, 401)["message"] == "Invalid API Key provided: sk_live_**********1234"


def test_basic_and_bearer_are_the_same(api: httpx.Client):
    assert api.get("/v1/customers", auth=("sk_test_suite", "")).status_code == 200
    assert api.get("/v1/customers", headers=SECRET).status_code == 200


def test_only_the_keys_it_was_given(tmp_path: Any):
    arguments = ("--secret-key", "sk_test_mine", "--publishable-key", "pk_test_mine")
    with SimulatorProcess(arguments=arguments) as own:
        statuses = [
            httpx.get(f"{own.origin}/v1/customers", auth=(key, ""), trust_env=False).status_code
            for key in ("sk_test_mine", "sk_test_other", "pk_test_other")
        ]
    assert statuses == [200, 401, 401]


def test_a_browser_gets_no_further_than_its_intent(api: httpx.Client):
    form = {"amount": "5000", "currency": "usd", "metadata[order]": "7"}
    intent = api.post("/v1/payment_intents", data=form, headers=SECRET).json()
    path = f"/v1/payment_intents/{intent['id']}"
    for answer in (
        api.get("/v1/payment_intents", headers=PUBLIC),
        api.post("/v1/payment_intents", data=form, headers=PUBLIC),
        api.post(path, data={"amount": "100"}, headers=PUBLIC),
        api.post(f"{path}/cancel", headers=PUBLIC),
        api.post("/v1/refunds", data={"payment_intent": intent["id"]}, headers=PUBLIC),
    ):
        assert error_of(answer, 401)["code"] == "secret_key_required"
    assert error_of(api.get(path, headers=PUBLIC), 400)["param"] == "client_secret"
    wrong = api.get(path, params={"client_secret": f"{intent['id']}_secret_guess"}, headers=PUBLIC)
    assert error_of(wrong, 400)["code"] == "payment_intent_invalid_parameter"
    absent = {"client_secret": intent["client_secret"], "payment_method": "pm_card_visa", "off_session": "true"}
    assert error_of(api.post(f"{path}/confirm", data=absent, headers=PUBLIC), 400)["param"] == "off_session"
    seen = api.get(path, params={"client_secret": intent["client_secret"]}, headers=PUBLIC)
    check_answer("GET", path, 200, seen.json())
    assert {"metadata", "customer", "latest_charge"}.isdisjoint(seen.json())
    assert api.get(path, headers=SECRET).json() == intent


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({}, "parameter_missing", "amount"),
        ({"amount": "5000"}, "parameter_missing", "currency"),
        ({"amount": "", "currency": "usd"}, "parameter_invalid_empty", "amount"),
        ({"amount": "50.5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "²", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "9" * 400, "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "5000", "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "5000", "currency": "xyz"}, None, "currency"),
        ({"amount": "5000", "currency": "usd", "confirm": "yes"}, None, "confirm"),
        ({"amount": "5000", "currency": "usd", "metadata": "x"}, None, "metadata"),
        ({"amount": "5000", "currency": "usd", "metadata[a]": "x" * 501}, None, "metadata[a]"),
        ({"amount": "5000", "currency": "usd", "metadata[a][b]": "x"}, None, "metadata"),
        ({"amount": "5000", "currency": "usd", "off_session": "true"}, None, "off_session"),
        ({"amount": "5000", "currency": "usd", "capture_method": "manual"}, None, "capture_method"),
        ({"amount": "5000", "currency": "usd", "setup_future_usage": "x"}, None, "setup_future_usage"),
        ({"amount": "5000", "currency": "usd", "customer": "cus_missing"}, "resource_missing", "customer"),
        ({"amount": "5000", "currency": "usd", "payment_method": "pm_missing"}, "resource_missing", "payment_method"),
        ({"amount": "5000", "currency": "usd", "payment_method_types[]": "sepa_debit"}, None, "payment_method_types"),
        ({"amount[x": "5000"}, None, "amount[x"),
        ({"a[b][c][d][e][f][g][h][i]": "1"}, None, "a[b][c][d][e][f][g][h][i]"),
        (
            {"amount": "5000", "currency": "usd", "automatic_payment_methods[allow_redirects]": "never"},
            "parameter_missing",
            "automatic_payment_methods[enabled]",
        ),
    ],
)
def test_a_wrong_parameter_is_named(api: httpx.Client, form: dict[str, str], code: str | None, param: str):
    error = error_of(api.post("/v1/payment_intents", data=form, headers=SECRET), 400)
    assert (error["type"], error.get("code"), error["param"]) == ("invalid_request_error", code, param)
    assert api.get("/v1/payment_intents", headers=SECRET).json()["data"] == []


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "42"}, "incorrect_number", "number"),
        ({"number": "²²²²²²²²²²²²"}, "incorrect_number", "number"),
        ({"exp_month": "13"}, "invalid_expiry_month", "exp_month"),
        ({"exp_month": "²"}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": "20"}, "invalid_expiry_year", "exp_year"),
        ({"exp_year": "2099"}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"number": "4111111111111111"}, "card_declined", None),
    ],
)
def test_a_card_that_is_none(api: httpx.Client, fields: dict[str, str], code: str, param: str | None):
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "34", "cvc": "123", **fields}
    form = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
    error = error_of(api.post("/v1/payment_methods", data=form, headers=PUBLIC), 402)
    assert (error["type"], error["code"], error.get("param")) == ("card_error", code, param)


def test_what_does_not_exist_is_404(api: httpx.Client):
    for path in (
        "/v1/customers/cus_1",
        "/v1/payment_intents/pi_1",
        "/v1/setup_intents/seti_1",
        "/v1/payment_methods/pm_1",
        "/v1/charges/ch_1",
        "/v1/refunds/re_1",
        "/v1/disputes/du_1",
        "/v1/events/evt_1",
        "/v1/balance_transactions/txn_1",
    ):
        assert error_of(api.get(path, headers=SECRET), 404)["code"] == "resource_missing"
    unknown = error_of(api.get("/v1/nothing", headers=SECRET), 404)
    assert unknown["message"] == "Unrecognized request URL (GET: /v1/nothing)."


def test_an_id_of_another_kind_is_not_found(api: httpx.Client):
    customer = api.post("/v1/customers", headers=SECRET).json()
    assert error_of(api.get(f"/v1/charges/{customer['id']}", headers=SECRET), 404)["code"] == "resource_missing"


def test_another_version_or_content_type_is_refused(api: httpx.Client):
    old = api.get("/v1/customers", headers={**SECRET, "Stripe-Version": "2020-08-27"})
    assert "2020-08-27" in error_of(old, 400)["message"]
    as_json = api.post("/v1/customers", json={"name": "x"}, headers=SECRET)
    assert "application/x-www-form-urlencoded" in error_of(as_json, 400)["message"]
    assert api.get("/v1/customers", headers=SECRET).headers["stripe-version"] == "2026-05-27.dahlia"


def test_lists_go_page_by_page(api: httpx.Client):
    made = [api.post("/v1/customers", data={"name": str(place)}, headers=SECRET).json()["id"] for place in range(5)]
    newest_first = made[::-1]

    def page(**params: str) -> Any:
        answer = api.get("/v1/customers", params=params, headers=SECRET).json()
        return [one["id"] for one in answer["data"]], answer["has_more"]

    assert page() == (newest_first, False)
    assert page(limit="2") == (newest_first[:2], True)
    assert page(limit="2", starting_after=newest_first[1]) == (newest_first[2:4], True)
    assert page(limit="2", starting_after=newest_first[3]) == (newest_first[4:], False)
    assert page(limit="2", ending_before=newest_first[3]) == (newest_first[1:3], True)
    for wrong in ({"limit": "0"}, {"limit": "101"}, {"starting_after": "cus_missing"}):
        error_of(api.get("/v1/customers", params=wrong, headers=SECRET), 400)


def test_a_browser_may_ask_from_another_origin(api: httpx.Client):
    asked = api.options("/v1/payment_methods", headers={"Origin": "https://portal.example"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert "Authorization" in asked.headers["access-control-allow-headers"]
