from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
import stripe

from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import simulator, simulator_process  # noqa: F401 (fixtures)
from stripe_description import checked_http_client

SECRET = "whsec_simulator"


@pytest.fixture
def stripe_gateway(monkeypatch, simulator):  # noqa: F811 (a fixture's name)
    """The gateway as the portal makes it, on the simulator, with every call judged by Stripe's own description."""
    monkeypatch.setattr(stripe, "RequestsClient", type(checked_http_client()))
    return StripeGateway(secret_key="sk_test_portal", api_url=simulator.origin, webhook_secrets=[SECRET])


@pytest.fixture
def cardholder(simulator):  # noqa: F811 (a fixture's name)
    """What the buyer's browser does at the provider, without the page."""
    return stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin})


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """The header with which Stripe signs `body`: see "Verify webhook signatures manually" in its documentation."""
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


@pytest.fixture
def sign():
    return signed


@pytest.fixture
def event_body() -> bytes:
    return json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
        },
        indent=2,
    ).encode()
