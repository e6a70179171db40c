"""Cards that are tried on a payment elsewhere than on our page: told by the provider, counted, stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keywright_portal.billing.services import take_card_try as counting
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.act_on_event import act_on_event
from keywright_portal.payments.gateway import IntentState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]

FEW = 3


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(counting, "DECLINES_PER_ORDER", replace(counting.DECLINES_PER_ORDER, count=FEW))


@pytest.fixture
def hear(gateway, now):
    """The provider tells of a card that was declined."""

    def _hear(intent, *, at=now):
        gateway.decline(intent.id)
        act_on_event(
            kind="payment_intent.payment_failed", object_id=intent.id, gateway=gateway, actor=system("webhook"), now=at
        )
        return gateway.intents[intent.id].state

    return _hear


def test_above_the_limit_the_payment_is_cancelled_and_no_card_can_be_tried_on_it(choose, complete, hear):
    order = choose()
    intent = complete(order)

    assert [hear(intent) for _ in range(FEW)] == [IntentState.REQUIRES_PAYMENT_METHOD] * FEW
    assert hear(intent) is IntentState.CANCELED
    assert order.attempts.filter(closed_at=None).count() == 0
    trace = AuditEntry.objects.get(action="payment.stopped")
    assert (trace.subject_id, trace.after) == (str(order.pk), {"attempt": 1, "reason": "too_many_declines"})


def test_told_again_it_stays_as_it_is(choose, complete, hear):
    intent = complete(choose())
    for _ in range(FEW + 3):
        hear(intent)

    assert AuditEntry.objects.filter(action="payment.stopped").count() == 1


def test_the_buyer_pays_by_another_payment_afterwards(choose, complete, hear, gateway, now):
    order = choose()
    for _ in range(FEW + 1):
        intent = complete(order)
        hear(intent)
    again = complete(order)
    gateway.pay(again.id)
    act_on_event(kind="payment_intent.succeeded", object_id=again.id, gateway=gateway, actor=system("webhook"), now=now)

    assert again.id != intent.id
    assert Order.objects.get().state == OrderState.FULFILLED


def test_declines_of_an_hour_ago_count_no_more(choose, complete, hear, now):
    intent = complete(choose())
    for _ in range(FEW):
        hear(intent)

    assert hear(intent, at=now + timedelta(hours=1)) is IntentState.REQUIRES_PAYMENT_METHOD


def test_one_that_was_paid_meanwhile_is_fulfilled(choose, complete, hear, gateway, now):
    order = choose()
    intent = complete(order)
    for _ in range(FEW):
        hear(intent)
    gateway.pay(intent.id)
    act_on_event(
        kind="payment_intent.payment_failed", object_id=intent.id, gateway=gateway, actor=system("webhook"), now=now
    )

    order.refresh_from_db()
    assert order.state == OrderState.FULFILLED
    assert AuditEntry.objects.filter(action="payment.stopped").count() == 0
