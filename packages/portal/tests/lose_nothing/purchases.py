"""A purchase at a provider in memory, and the provider's events by the real webhook into the real queue."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from functools import cache
from itertools import count

import pytest
from django.test.client import Client, ClientHandler
from django_q.models import OrmQ

from keywright_portal.billing.models import Invoice, InvoiceLine, Payment
from keywright_portal.kit import tasks as mail_tasks
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.start_payment import BillingDetails, Completion, start_payment
from keywright_portal.payments import gateway as gateways

SECRET = "whsec_simulator"
DETAILS = BillingDetails(
    name="Brightwater Logistics GmbH",
    country="DE",
    street="Speicherweg 14",
    postal_code="20457",
    city="Hamburg",
    vat_number="",
    email="licensing@brightwater.example",
)


@pytest.fixture
def choose(catalog, gateway, now):
    """200 users of E20 with Premier Support, where a test doesn't say otherwise."""

    def _choose(*, by, plan="E20", seats=200, add_ons=("premier-support",), currency="USD"):
        return choose_subscription(
            actor=by.actor,
            organization=by.organization,
            plan_code=plan,
            seats=seats,
            add_on_codes=add_ons,
            currency=currency,
            gateway=gateway,
            now=now,
        )

    return _choose


@pytest.fixture
def complete(gateway, now):
    def _complete(order, *, by, details=DETAILS, amount_shown=None):
        return start_payment(
            actor=by.actor,
            order_id=order.pk,
            completion=Completion(
                billing=details,
                purchase_order="PO-2026-1187",
                accepts_terms=True,
                save_card=False,
                amount_shown=order.gross if amount_shown is None else amount_shown,
            ),
            gateway=gateway,
            now=now,
        )

    return _complete


@pytest.fixture
def provider(gateway, monkeypatch):
    """The double, also for what the queue does; the webhook reads events with the real gateway, which checks them."""
    gateways.gateway.cache_clear()
    monkeypatch.setattr(tasks, "gateway", lambda: gateway)
    yield gateway
    gateways.gateway.cache_clear()


@cache
def portal():
    """The whole of it, made once: its middleware looks through all static files."""
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


def tell(event_id, kind, object_id):
    """The provider tells the portal; the status that comes back."""
    about = {"id": object_id, "object": kind.partition(".")[0]}
    body = json.dumps({"id": event_id, "object": "event", "type": kind, "data": {"object": about}}).encode()
    stamp = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    header = {"Stripe-Signature": f"t={stamp},v1={digest}"}
    client = Client(raise_request_exception=False)
    client.handler = portal()
    return client.post("/webhooks/stripe/", body, content_type="application/json", headers=header).status_code


def work():
    """What a worker does with what is enqueued, in order, until nothing is left. A task that fails stays."""
    for _round in count():
        waiting = list(OrmQ.objects.order_by("pk"))
        if not waiting:
            return
        for task in waiting:
            said = task.task
            run_task(said["func"], said["args"])
            task.delete()


def run_task(name, arguments):
    module, _, function = name.rpartition(".")
    for room in (tasks, mail_tasks):
        if room.__name__ == module:
            getattr(room, function)(*arguments)
            return
    raise AssertionError(f"{name} is no task that a purchase enqueues")


def result_of(order):
    """All that follows from a paid order, counted."""
    order = Order.objects.get(pk=order.pk)
    ready = OutboxMail.objects.filter(key=f"order:{order.pk}:license-ready")
    return {
        "state": order.state,
        "licenses": License.objects.filter(organization=order.organization).count(),
        "invoices": Invoice.objects.filter(organization=order.organization).count(),
        "lines": InvoiceLine.objects.filter(invoice__organization=order.organization).count(),
        "payments": Payment.objects.filter(invoice__organization=order.organization).count(),
        "mails": ready.count(),
        "sent": ready.exclude(sent_at=None).count(),
    }


PAID = {
    "state": OrderState.FULFILLED,
    "licenses": 1,
    "invoices": 1,
    "lines": 2,
    "payments": 1,
    "mails": 1,
    "sent": 1,
}
