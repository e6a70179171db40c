from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from keywright_portal.payments.gateway import EventSignatureError, GatewayEvent
from keywright_portal.payments.stripe_gateway import EVENT_TOLERANCE, StripeGateway
from stripe_description import check_event

OLD, NEW = "whsec_simulator", "whsec_rolled"


@pytest.fixture
def gateway():
    return StripeGateway(secret_key="sk_test_x", api_url="http://127.0.0.1:1", webhook_secrets=[OLD])


def test_a_sound_event_is_read_in_our_nouns(gateway, event_body, sign):
    event = gateway.read_event(body=event_body, signature=sign(event_body))
    assert event == GatewayEvent(id="evt_1", type="payment_intent.succeeded", object_id="pi_1")


def test_an_event_about_something_that_has_no_id_is_read_too(gateway, sign):
    """Such as balance.available. Refusing it would have it sent again for three days."""
    body = json.dumps(
        {"id": "evt_2", "object": "event", "type": "balance.available", "data": {"object": {"object": "balance"}}}
    ).encode()
    event = gateway.read_event(body=body, signature=sign(body))
    assert event == GatewayEvent(id="evt_2", type="balance.available", object_id="")


def refused(gateway, body, signature):
    with pytest.raises(EventSignatureError) as error:
        gateway.read_event(body=body, signature=signature)
    assert error.value.code == "bad_event_signature"


def test_another_secrets_signature_is_refused(gateway, event_body, sign):
    refused(gateway, event_body, sign(event_body, secret="whsec_other"))


def test_a_body_that_was_read_and_written_again_is_refused(gateway, event_body, sign):
    written_again = json.dumps(json.loads(event_body)).encode()
    assert json.loads(written_again) == json.loads(event_body)
    refused(gateway, written_again, sign(event_body))


@pytest.mark.parametrize("age", [EVENT_TOLERANCE + 2, 86_400])
def test_a_stale_event_is_refused(gateway, event_body, sign, age):
    refused(gateway, event_body, sign(event_body, at=time.time() - age))


def test_an_event_just_within_the_tolerance_is_taken(gateway, event_body, sign):
    signature = sign(event_body, at=time.time() - EVENT_TOLERANCE + 30)
    assert gateway.read_event(body=event_body, signature=signature).id == "evt_1"


@pytest.mark.parametrize(
    "signature", ["", "t=1", "v1=abc", "t=abc,v1=def", "t=,v1=", "nonsense", "t=99999999999999999999,v1=00", "ünïcode"]
)
def test_a_header_that_is_no_signature_is_refused(gateway, event_body, signature):
    refused(gateway, event_body, signature)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"not json", b"\xff\xfe", b'{"object": "event"}', b"1"])
def test_a_body_that_is_no_event_is_refused_even_when_it_is_signed(gateway, sign, body):
    refused(gateway, body, sign(body))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_rolled_either_is_taken(event_body, sign, secret):
    gateway = StripeGateway(secret_key="sk_test_x", api_url="http://127.0.0.1:1", webhook_secrets=[OLD, NEW])
    assert gateway.read_event(body=event_body, signature=sign(event_body, secret=secret)).id == "evt_1"
    refused(gateway, event_body, sign(event_body, secret="whsec_third"))


def test_what_the_simulator_really_sends_is_described_signed_and_read(stripe_gateway, simulator, cardholder):
    arrived = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            """Nothing to say."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        simulator.set_webhook(f"http://127.0.0.1:{server.server_port}/", OLD)
        intent = cardholder.v1.payment_intents.create(
            {
                "amount": 3_900,
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
        simulator.wait_until_delivered()
        server.shutdown()
    read = {}
    for body, signature in arrived:
        check_event(json.loads(body))
        event = stripe_gateway.read_event(body=body, signature=signature)
        read[event.type] = event.object_id
    assert read["payment_intent.created"] == read["payment_intent.succeeded"] == intent.id
