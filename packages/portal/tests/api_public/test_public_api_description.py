"""The API against its own description: whatever schemathesis makes of it, sound or not, is answered as described."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

EXAMPLES = 40


@pytest.fixture
def description(db, catalog, signing_keys):
    portal = get_wsgi_application()

    def from_an_address(environ, start_response):
        return portal({**environ, "REMOTE_ADDR": "192.0.2.1"}, start_response)

    # As Django's own test client does: the connection holds the test's transaction and must outlive a request.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_an_address)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("GET", "/keys", GenerationMode.POSITIVE),
        ("GET", "/catalog", GenerationMode.POSITIVE),
        ("POST", "/quote", GenerationMode.POSITIVE),
        ("POST", "/quote", GenerationMode.NEGATIVE),
        ("GET", "/revocations/{product}", GenerationMode.POSITIVE),
        ("GET", "/revocations/{product}/root", GenerationMode.POSITIVE),
        # No text that a schema makes is signed: of what servers send, only what is refused can be made here.
        ("POST", "/activations", GenerationMode.NEGATIVE),
        ("POST", "/releases", GenerationMode.NEGATIVE),
        ("POST", "/usage", GenerationMode.NEGATIVE),
        ("GET", "/licenses/{subscription}/newest", GenerationMode.POSITIVE),
        ("GET", "/licenses/{subscription}/newest", GenerationMode.NEGATIVE),
        ("GET", "/organizations/{organization}/documents", GenerationMode.POSITIVE),
        ("GET", "/organizations/{organization}/documents", GenerationMode.NEGATIVE),
    ],
)
def test_every_answer_is_as_described(description, method, path, mode):
    operation = description[f"/api/v1{path}"][method]
    tried = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        cache.clear()
        case.call_and_validate()
        tried.append(case)

    ask()
    assert tried
