"""Signatures by the thousand: of events that nobody signed, that are stale, rewritten, or somebody else's."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import string
import time

import pytest
from django.test import Client

from keywright_portal.payments import gateway as gateways
from keywright_portal.payments.gateway import EventSignatureError
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.payments.stripe_gateway import EVENT_TOLERANCE, StripeGateway
from trial_size import trial_size

NUMBER = trial_size(short=3_000)
BY_THE_VIEW = 20
"""One in so many is sent to the webhook besides: there a forged event must leave nothing either."""
OLD, NEW = "whsec_simulator", "whsec_rolled"
ALPHABET = string.ascii_letters + string.digits


def body_of(chance, number):
    """An event as Stripe writes it: indented, with whatever the buyer's name has in it."""
    about = {"id": f"pi_{number}", "object": "payment_intent", "amount": chance.randrange(1, 10**8)}
    about["description"] = chance.choice(["Order 12", "Ünïcode ©", "", 'with "quotes"', "a\nline"])
    event = {"id": f"evt_{number}", "object": "event", "type": "payment_intent.succeeded", "data": {"object": about}}
    return json.dumps(event, indent=2, ensure_ascii=chance.random() < 0.5).encode()


def digest(body, stamp, secret=OLD):
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


# ---- The ways to be wrong: (body, signature) that must be refused ----------------------------------------------------


def wrong_digest(chance, body, now):
    sound = digest(body, now)
    place = chance.randrange(len(sound))
    other = chance.choice([character for character in "0123456789abcdef" if character != sound[place]])
    return body, f"t={now},v1={sound[:place]}{other}{sound[place + 1 :]}"


def cut_digest(chance, body, now):
    return body, f"t={now},v1={digest(body, now)[: chance.randrange(64)]}"


def stale(chance, body, now):
    stamp = now - EVENT_TOLERANCE - chance.choice([2, 10, 600, 86_400, chance.randrange(2, 10**8)])
    return body, f"t={stamp},v1={digest(body, stamp)}"


def stale_with_a_fresh_stamp(chance, body, now):
    stamp = now - EVENT_TOLERANCE - chance.randrange(2, 10_000)
    return body, f"t={now},v1={digest(body, stamp)}"


def two_stamps(chance, body, now):
    """The stamp that was signed is stale; a fresh one stands beside it."""
    stamp = now - EVENT_TOLERANCE - chance.randrange(2, 10_000)
    stamps = [f"t={stamp}", f"t={now}"]
    chance.shuffle(stamps)
    return body, f"{','.join(stamps)},v1={digest(body, stamp)}"


def rewritten(chance, body, now):
    """The same event, read and written again."""
    said = json.loads(body)
    ways = (
        lambda: json.dumps(said).encode(),
        lambda: json.dumps(said, indent=2, sort_keys=True).encode(),
        lambda: body + b"\n",
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body.replace(b"\n", b"\r\n"),
    )
    again = chance.choice(ways)()
    return (again if again != body else body + b" "), f"t={now},v1={digest(body, now)}"


def changed(chance, body, now):
    """One byte of it is another."""
    place = chance.randrange(len(body))
    other = bytes([chance.choice([byte for byte in range(32, 127) if byte != body[place]])])
    return body[:place] + other + body[place + 1 :], f"t={now},v1={digest(body, now)}"


def foreign(chance, body, now):
    """Signed with a secret that isn't this endpoint's."""
    secret = chance.choice(["", "whsec_", OLD[:-1], OLD + "x", OLD.upper(), "".join(chance.choices(ALPHABET, k=32))])
    return body, f"t={now},v1={digest(body, now, secret)}"


def of_another_event(chance, body, now):
    return body, f"t={now},v1={digest(body_of(chance, 10**9), now)}"


def other_scheme(chance, body, now):
    """Sound, and in the place of a scheme that isn't to be trusted."""
    return body, f"t={now},{chance.choice(['v0', 'v2', 'V1', 'v', ''])}={digest(body, now)}"


def nonsense(chance, body, now):
    return body, "".join(chance.choices(string.printable.strip() + "=,v1t", k=chance.randrange(120)))


WAYS = (
    wrong_digest,
    cut_digest,
    stale,
    stale_with_a_fresh_stamp,
    two_stamps,
    rewritten,
    changed,
    foreign,
    of_another_event,
    other_scheme,
    nonsense,
)


@pytest.fixture
def endpoint():
    """With one secret."""
    return StripeGateway(secret_key="sk_test_x", api_url="http://127.0.0.1:1", webhook_secrets=[OLD])


@pytest.fixture
def rolling():
    """While a secret is rolled."""
    return StripeGateway(secret_key="sk_test_x", api_url="http://127.0.0.1:1", webhook_secrets=[NEW, OLD])


def accepted(gateway, body, signature):
    try:
        gateway.read_event(body=body, signature=signature)
    except EventSignatureError:
        return False
    return True


@pytest.mark.django_db
def test_no_forged_event_is_accepted_and_none_leaves_a_trace(endpoint, rolling, caplog):
    gateways.gateway.cache_clear()
    client, chance, taken, posted = Client(), random.Random(20_260_312), [], 0
    for number in range(NUMBER):
        way = WAYS[number % len(WAYS)]
        body, signature = way(chance, body_of(chance, number), int(time.time()))
        if accepted(endpoint, body, signature) or accepted(rolling, body, signature):
            taken.append((way.__name__, body, signature))
        if number % BY_THE_VIEW == 0:
            header = {"Stripe-Signature": signature.encode().decode("latin-1")}
            answer = client.post("/webhooks/stripe/", body, content_type="application/json", headers=header)
            posted += answer.status_code == 400
    assert taken == []
    assert (posted, ProviderEvent.objects.count()) == (-(-NUMBER // BY_THE_VIEW), 0)


def test_every_sound_event_is_accepted_with_either_secret_during_a_roll_and_one_alone_after_it(endpoint, rolling):
    chance, now = random.Random(3), int(time.time())
    for number in range(NUMBER // 10):
        body, stamp = body_of(chance, number), now - chance.randrange(EVENT_TOLERANCE - 60)
        old, new = digest(body, stamp), digest(body, stamp, NEW)
        signatures = [
            f"t={stamp},v1={old}",
            f"t={stamp},v1={new}",
            f"t={stamp},v1={new},v1={old}",
            f"t={stamp},v1={old},v0=1",
        ]
        assert [accepted(rolling, body, signature) for signature in signatures] == [True] * 4
        assert [accepted(endpoint, body, signature) for signature in signatures] == [True, False, True, True]


@pytest.mark.parametrize(
    ("guard", "passes"), [("signature", "foreign"), ("tolerance", "stale"), ("exact bytes", "rewritten")]
)
def test_without_a_guard_forged_events_are_accepted(endpoint, monkeypatch, guard, passes):
    """The twin: each guard alone holds off what no other does."""
    import stripe

    verify = stripe.WebhookSignature.verify_header
    chance, now = random.Random(1), int(time.time())
    body, signature = globals()[passes](chance, body_of(chance, 1), now)
    stand_ins = {
        "signature": lambda *_arguments: True,
        "tolerance": lambda payload, header, secret, _tolerance: verify(payload, header, secret, None),
        "exact bytes": lambda _payload, header, secret, tolerance: verify(
            body_of(random.Random(1), 1).decode(), header, secret, tolerance
        ),
    }
    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", stand_ins[guard])
    assert accepted(endpoint, body, signature)
