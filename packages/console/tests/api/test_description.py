"""The description says what the app does: call by call, and whatever schemathesis makes of it."""

import json
import re

import pytest
from caller import BASE, Caller, ok
from described import DESCRIPTION, METHODS, TEMPLATES
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from keywright_console.api.calls import ERRORS, INVALID
from keywright_console.api.urls import urlpatterns

EXAMPLES = 25
ROUTES = [str(pattern.pattern) for pattern in urlpatterns][:-1]  # the last answers whatever is no call of ours
JUDGED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def tries():
    """Each call asked soundly and, where there is something to ask, unsoundly."""
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, GenerationMode.POSITIVE, id=f"{method} {path} sound")
            if "parameters" in operation or "requestBody" in operation:
                yield pytest.param(path, method, GenerationMode.NEGATIVE, id=f"{method} {path} unsound")


def test_it_is_served_to_everybody(db):
    assert ok(Caller().call("GET", "/openapi.json")) == json.loads(json.dumps(DESCRIPTION))


def test_every_address_is_described_and_no_other():
    places = {re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route in ROUTES}
    assert {f"{BASE}/{place}" for place in places} == set(TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_method_is_described_and_no_other(db, path):
    place = path.removeprefix(BASE).replace("{user_id}", "y" * 26).replace("{email}", "x").replace("{username}", "x")
    taken = {method for method in METHODS if Caller().call(method.upper(), place).status_code != 405}
    assert taken == set(DESCRIPTION["paths"][path])


def test_every_error_that_we_know_is_in_it():
    told = {
        one
        for methods in DESCRIPTION["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        for one in response["description"].split("; ")
    }
    assert {id_ for id_, _status in (*ERRORS.values(), INVALID)} - told == set()


def test_its_shapes_are_schemas_that_lead_somewhere():
    shapes = DESCRIPTION["components"]["schemas"]
    for shape in shapes.values():
        Draft202012Validator.check_schema(shape)
    assert set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIPTION))) == set(shapes)


def test_operations_have_names_of_their_own_and_say_what_they_do():
    found = [operation for methods in DESCRIPTION["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["summary"].endswith(".") for operation in found)


@pytest.fixture
def headers(admin, clock_at_noon):
    return Caller(admin).headers


@pytest.fixture
def application(headers):
    # As Django's own test client does: the connection holds the test's transaction and must outlive a request.
    # `headers` come first, since that client connects them anew after each call.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("path", "method", "mode"), [*tries()])
def test_whatever_is_asked_is_answered_as_described(application, headers, path, method, mode):
    operation = openapi.from_wsgi(f"{BASE}/openapi.json", application)[path][method.upper()]
    tried = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def ask(case):
        case.call_and_validate(headers=headers, checks=JUDGED)
        tried.append(case)

    ask()
    assert tried
