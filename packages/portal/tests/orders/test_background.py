"""What the queue does for orders: acting on events, and asking where none came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.payments.gateway import GatewayError, GatewayEvent, IntentState
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.payments.services.keep_event import keep_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def at(monkeypatch, now):
    """Set the clock that the tasks read."""

    def _at(instant):
        monkeypatch.setattr(tasks.clock, "now", lambda: instant)

    _at(now)
    return _at


@pytest.fixture(autouse=True)
def _provider(monkeypatch, gateway, at):
    monkeypatch.setattr(tasks, "gateway", lambda: gateway)


@pytest.fixture
def paid(choose, complete, gateway):
    order = choose()
    gateway.pay(complete(order).id)
    return order


def keep(now, intent_id, kind="payment_intent.succeeded", event_id="evt_1"):
    keep_event(event=GatewayEvent(id=event_id, type=kind, object_id=intent_id), now=now)
    return event_id


def state_of(order):
    order.refresh_from_db()
    return order.state


# ---- An event --------------------------------------------------------------------------------------------------------


def test_an_event_fulfils_what_the_provider_confirms_and_is_marked(paid, now):
    tasks.handle_event(keep(now, paid.attempts.get().intent_id))
    assert state_of(paid) == OrderState.FULFILLED
    assert ProviderEvent.objects.get().handled_at == now
    assert {entry.actor_name for entry in AuditEntry.objects.filter(action="order.fulfilled")} == {"webhook"}


def test_an_event_that_lies_fulfils_nothing(choose, complete, now):
    """What it says is only a reason to ask; the provider says that nothing was paid."""
    order = choose()
    tasks.handle_event(keep(now, complete(order).id))
    assert (state_of(order), License.objects.count()) == (OrderState.PAYING, 0)


def test_an_event_is_handled_once(paid, gateway, now):
    event = keep(now, paid.attempts.get().intent_id)
    tasks.handle_event(event)
    asked = len(gateway.asked)
    tasks.handle_event(event)
    assert len(gateway.asked) == asked


def test_an_event_that_nobody_kept_is_no_event(gateway):
    tasks.handle_event("evt_unknown")
    assert gateway.asked == []


def test_an_event_of_another_kind_is_marked_and_asks_nothing(gateway, now):
    tasks.handle_event(keep(now, "pm_1", kind="payment_method.attached"))
    assert gateway.asked == []
    assert ProviderEvent.objects.get().handled_at == now


def test_an_event_stays_unhandled_while_the_provider_is_away(paid, gateway, now):
    event = keep(now, paid.attempts.get().intent_id)
    gateway.fail_next = True
    with pytest.raises(GatewayError):
        tasks.handle_event(event)
    assert ProviderEvent.objects.get().handled_at is None
    tasks.handle_event(event)
    assert state_of(paid) == OrderState.FULFILLED


# ---- No event --------------------------------------------------------------------------------------------------------


def test_where_every_webhook_was_lost_the_reconciler_alone_gets_there(paid, at, now):
    at(now + tasks.SETTLES_AFTER)
    assert tasks.reconcile() == 1
    assert (state_of(paid), License.objects.count()) == (OrderState.FULFILLED, 1)
    assert tasks.reconcile() == 0


def test_a_payment_that_was_just_begun_is_left_to_the_browser_and_the_webhook(paid, gateway, at, now):
    asked = len(gateway.asked)
    at(now + tasks.SETTLES_AFTER - timedelta(seconds=1))
    assert tasks.reconcile() == 0
    assert (len(gateway.asked), state_of(paid)) == (asked, OrderState.PAYING)


def test_a_provider_that_is_away_is_asked_again_next_time(paid, gateway, at, now):
    at(now + tasks.SETTLES_AFTER)
    gateway.fail_next = True
    assert tasks.reconcile() == 0
    assert state_of(paid) == OrderState.PAYING
    assert tasks.reconcile() == 1
    assert state_of(paid) == OrderState.FULFILLED


def test_one_order_that_the_provider_cannot_tell_of_holds_up_no_other(
    *, paid, choose, complete, gateway, stranger, at, now
):
    other = choose(by=stranger)
    gateway.pay(complete(other, by=stranger).id)
    at(now + tasks.SETTLES_AFTER)
    gateway.fail_next = True
    assert tasks.reconcile() == 1
    assert sorted([state_of(paid), state_of(other)]) == sorted([OrderState.FULFILLED, OrderState.PAYING])


def test_an_order_that_breaks_holds_up_no_other_and_is_told_of(*, paid, choose, complete, gateway, stranger, at, now):
    other = choose(by=stranger)
    gateway.pay(complete(other, by=stranger).id)
    at(now + tasks.SETTLES_AFTER)
    first = paid.attempts.get().intent_id
    look = gateway.get_intent
    gateway.get_intent = lambda *, intent_id: look(intent_id=intent_id) if intent_id != first else 1 / 0
    with pytest.raises(ExceptionGroup) as told:
        tasks.reconcile()
    assert [type(error) for error in told.value.exceptions] == [ZeroDivisionError]
    assert (state_of(paid), state_of(other)) == (OrderState.PAYING, OrderState.FULFILLED)


@pytest.mark.parametrize("state", [IntentState.PROCESSING, IntentState.REQUIRES_ACTION, IntentState.CANCELED])
def test_what_is_not_paid_stays_as_it_is(*, choose, complete, gateway, at, now, state):
    order = choose()
    gateway.move(complete(order).id, state)
    at(now + timedelta(hours=1))
    assert tasks.reconcile() == 0
    assert state_of(order) == OrderState.PAYING


def test_nobody_is_asked_about_what_is_settled_or_too_old(*, paid, choose, complete, gateway, buyer, at, now):
    at(now + tasks.SETTLES_AFTER)
    tasks.reconcile()
    discarded = choose(seats=7)
    complete(discarded)
    discard_order(actor=buyer.actor, order_id=discarded.pk, gateway=gateway, now=now)
    old = choose(seats=8)
    complete(old)
    PaymentAttempt.objects.filter(order=old).update(created_at=now - tasks.STOPS_ASKING_AFTER)
    asked = len(gateway.asked)
    assert tasks.reconcile() == 0
    assert len(gateway.asked) == asked
