"""The webhook's view: what is answered, and when."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django_q.models import OrmQ

from keywright_portal.api import webhook
from keywright_portal.kit import queue
from keywright_portal.payments import gateway as gateways
from keywright_portal.payments.models import ProviderEvent
from racing import AT_ONCE, ROUNDS, at_once

ADDRESS = "/webhooks/stripe/"
SECRET = "whsec_simulator"


@pytest.fixture(autouse=True)
def _own_gateway():
    gateways.gateway.cache_clear()
    yield
    gateways.gateway.cache_clear()


def body(event_id="evt_1", kind="payment_intent.succeeded", **more):
    about = {"id": "pi_1", "object": "payment_intent", **more}
    event = {"id": event_id, "object": "event", "type": kind, "data": {"object": about}}
    return json.dumps(event).encode()


def post(content, *, secret=SECRET, raise_request_exception=True, client=None):
    stamp = int(time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()
    return (client or Client(raise_request_exception=raise_request_exception)).post(
        ADDRESS, content, content_type="application/json", headers={"Stripe-Signature": f"t={stamp},v1={digest}"}
    )


def kept():
    """Events kept, and what the queue was told to do."""
    return [event.pk for event in ProviderEvent.objects.all()], [
        (task.func(), task.task["args"]) for task in OrmQ.objects.all()
    ]


@pytest.mark.django_db
def test_a_sound_event_is_kept_enqueued_and_answered():
    assert post(body()).status_code == 200
    assert kept() == (["evt_1"], [(webhook.HANDLE_TASK, ("evt_1",))])


@pytest.mark.django_db
def test_an_event_that_is_told_again_is_answered_and_makes_no_second_task():
    assert [post(body()).status_code for _ in range(3)] == [200] * 3
    assert kept() == (["evt_1"], [(webhook.HANDLE_TASK, ("evt_1",))])


@pytest.mark.django_db
def test_an_event_of_a_kind_that_changes_nothing_is_kept_as_handled_and_makes_no_task():
    assert [post(body(kind="payment_intent.created")).status_code for _ in range(2)] == [200] * 2
    assert kept() == (["evt_1"], [])
    assert ProviderEvent.objects.get().handled_at is not None


@pytest.mark.django_db
def test_an_event_of_a_kind_that_changes_nothing_is_told_again_where_it_cannot_be_kept(monkeypatch, caplog):
    def fail(**_):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(webhook, "keep_event", fail)
    assert post(body(kind="payment_intent.created"), raise_request_exception=False).status_code == 500


@pytest.mark.django_db
def test_an_event_that_nobody_signed_is_refused_and_leaves_nothing(caplog):
    assert post(body(), secret="whsec_other").status_code == 400
    assert Client().post(ADDRESS, body(), content_type="application/json").status_code == 400
    assert kept() == ([], [])


@pytest.mark.django_db
def test_an_event_that_cannot_be_kept_is_never_answered_with_200(monkeypatch, caplog):
    """Stripe tells it again only where we didn't say that we have it."""

    def fail(**_):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(webhook, "keep_event", fail)
    assert post(body(), raise_request_exception=False).status_code == 500
    assert kept() == ([], [])


@pytest.mark.django_db
def test_an_event_whose_task_cannot_be_enqueued_is_not_kept_either(monkeypatch, caplog):
    def fail(*_arguments, **_options):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(queue, "async_task", fail)
    assert post(body(), raise_request_exception=False).status_code == 500
    assert kept() == ([], [])


@pytest.mark.django_db
def test_a_body_beyond_the_limit_is_refused_unread(settings, caplog):
    too_large = body(filler="x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    assert post(too_large).status_code == 400
    assert post(body(filler="x" * 60_000)).status_code == 200
    assert ProviderEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_nothing_but_post(method, caplog):
    assert getattr(Client(), method)(ADDRESS).status_code == 405


@pytest.mark.django_db
def test_it_needs_no_cookie_and_sets_none():
    answer = post(body(), client=Client(enforce_csrf_checks=True))
    assert (answer.status_code, answer.cookies) == (200, {})


@pytest.mark.django_db
def test_it_costs_a_fixed_number_of_queries(django_assert_num_queries):
    post(body("evt_0"))
    with django_assert_num_queries(6):  # begin, savepoint, event, release, task, commit
        post(body("evt_2"))


@pytest.mark.django_db(transaction=True)
def test_the_same_event_at_once_is_one_task():
    for number in range(1, ROUNDS + 1):
        answers = at_once([lambda number=number: post(body(f"evt_{number}"))] * AT_ONCE)
        assert [answer.status_code for answer in answers] == [200] * AT_ONCE
        assert (ProviderEvent.objects.count(), OrmQ.objects.count()) == (number, number)
    assert connection.in_atomic_block is False
