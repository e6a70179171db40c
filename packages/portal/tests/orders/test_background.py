"""What the queue does for orders: acting on events, and asking where none came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.billing.models import CreditNote, Dispute, Invoice, Payment, Refund
from keywright_portal.domain.money import Money
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.models import OrderState
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.expire_payments import LEFT_ALONE_AFTER
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.payments.gateway import DisputeOutcome, GatewayError, GatewayEvent, IntentState, RefundOutcome
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


def test_an_event_of_a_payment_that_is_recorded_asks_nothing(paid, gateway, now):
    intent_id = paid.attempts.get().intent_id
    tasks.handle_event(keep(now, intent_id))
    asked = len(gateway.asked)
    tasks.handle_event(keep(now, intent_id, event_id="evt_2"))
    assert len(gateway.asked) == asked
    assert [event.handled_at for event in ProviderEvent.objects.all()] == [now, now]


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


def test_nobody_is_asked_about_what_is_settled(*, paid, choose, complete, gateway, buyer, at, now):
    at(now + tasks.SETTLES_AFTER)
    tasks.reconcile()
    discarded = choose(seats=7)
    complete(discarded)
    discard_order(actor=buyer.actor, order_id=discarded.pk, gateway=gateway, now=now)
    asked = len(gateway.asked)
    assert tasks.reconcile() == 0
    assert len(gateway.asked) == asked


def test_many_are_asked_about_in_several_tasks(*, monkeypatch, choose, complete, gateway, new_buyer, at, now):
    monkeypatch.setattr(tasks, "ASKED_AT_ONCE", 2)
    enqueued = []
    monkeypatch.setattr(tasks, "enqueue", lambda *asked: enqueued.append(asked))
    orders = []
    for number in range(5):
        orders.append(choose(by=(by := new_buyer(f"Buyer {number}"))))
        gateway.pay(complete(orders[-1], by=by).id)
    at(now + timedelta(days=3))
    assert tasks.reconcile() == 2
    assert [task for task, _ids in enqueued] == [tasks.ASK_TASK] * 2
    assert [tasks.ask_about(ids) for _task, ids in enqueued] == [2, 1]
    assert {state_of(order) for order in orders} == {OrderState.FULFILLED}


def test_a_provider_that_takes_its_time_is_asked_about_the_rest_next_time(
    *, monkeypatch, choose, complete, gateway, new_buyer, at, now
):
    for number in range(3):
        by = new_buyer(f"Buyer {number}")
        gateway.pay(complete(choose(by=by), by=by).id)
    at(now + timedelta(days=3))
    seconds = iter((0.0, 1.0, tasks.ASKS_FOR, tasks.ASKS_FOR + 0.1))
    with monkeypatch.context() as slow:
        slow.setattr(tasks.time, "monotonic", lambda: next(seconds))
        assert tasks.reconcile() == 2
    assert tasks.reconcile() == 1


# ---- Left alone ------------------------------------------------------------------------------------------------------


def test_a_payment_that_was_left_alone_is_let_go_of_and_its_order_is_open_again(choose, complete, gateway, at, now):
    order = choose()
    intent = complete(order)
    at(now + LEFT_ALONE_AFTER)
    assert tasks.expire() == 0
    at(now + LEFT_ALONE_AFTER + timedelta(seconds=1))
    assert tasks.reconcile() == 0
    assert tasks.expire() == 1
    assert tasks.expire() == 0
    assert gateway.intents[intent.id].state is IntentState.CANCELED
    assert (state_of(order), order.attempts.filter(closed_at=None).count()) == (OrderState.OPEN, 0)
    assert AuditEntry.objects.filter(action="payment.expired").count() == 1


def test_one_that_was_paid_after_all_is_fulfilled(paid, at, now):
    at(now + timedelta(days=31))
    assert tasks.expire() == 0
    assert (state_of(paid), License.objects.count()) == (OrderState.FULFILLED, 1)


def test_one_that_the_provider_cannot_tell_of_waits(choose, complete, gateway, at, now):
    order = choose()
    complete(order)
    at(now + timedelta(days=31))
    gateway.fail_next = True
    assert tasks.expire() == 0
    assert state_of(order) == OrderState.PAYING
    assert tasks.expire() == 1


# ---- Money that goes back --------------------------------------------------------------------------------------------


@pytest.fixture
def payment(paid, at, now):
    at(now + tasks.SETTLES_AFTER)
    tasks.reconcile()
    return Payment.objects.get()


def happens(gateway, kind, object_id, number=1):
    """An event that the provider made and never delivered."""
    gateway.events.append(GatewayEvent(id=f"evt_{kind}_{number}", type=kind, object_id=object_id))


def run_enqueued():
    for event in ProviderEvent.objects.filter(handled_at=None):
        tasks.handle_event(event.pk)


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "charge.refunded"])
def test_a_refund_begun_at_the_provider_is_credited_by_any_of_its_events(payment, gateway, now, kind):
    told = gateway.refund(payment.provider_payment_id, payment.total)
    about = told.id if kind.startswith("refund") else payment.provider_payment_id.replace("pi", "ch", 1)
    tasks.handle_event(keep(now, about, kind=kind))
    assert (Refund.objects.get().state, CreditNote.objects.get().gross) == ("succeeded", payment.amount)


def test_what_goes_back_before_its_payment_was_told_waits_for_no_event(paid, gateway, now):
    """The refund's event comes first, the payment's never: the payment is asked for."""
    intent_id = paid.attempts.get().intent_id
    told = gateway.refund(intent_id, paid.total)
    tasks.handle_event(keep(now, told.id, kind="refund.created"))
    assert (state_of(paid), CreditNote.objects.count()) == (OrderState.FULFILLED, 1)


def test_where_every_webhook_of_a_refund_and_a_dispute_was_lost_the_reconciler_gets_there(payment, gateway, at, now):
    part = Money(700, payment.currency)
    happens(gateway, "refund.created", gateway.refund(payment.provider_payment_id, part).id)
    dispute = gateway.dispute(payment.provider_payment_id, amount=part)
    happens(gateway, "charge.dispute.created", dispute.id)
    at(now + timedelta(days=3))
    assert tasks.reconcile_money_back() == 2
    run_enqueued()
    gateway.close(dispute.id, DisputeOutcome.LOST)
    assert tasks.reconcile_money_back() == 0
    assert (Refund.objects.get().state, Dispute.objects.get().state) == ("succeeded", "lost")
    assert [note.gross for note in CreditNote.objects.all()] == [700, 700]


def test_a_refund_that_is_pending_is_asked_about(payment, gateway, clerk, now):
    gateway.refund_outcome = RefundOutcome.PENDING
    row = request_refund(
        actor=clerk,
        refund_id=uuid7(),
        payment_id=payment.pk,
        amount=payment.total,
        reason="Bought twice",
        revokes_license=True,
        gateway=gateway,
        now=now,
    )
    tasks.reconcile_money_back()
    assert CreditNote.objects.count() == 0
    gateway.settle(row.provider_refund_id, RefundOutcome.SUCCEEDED)
    tasks.reconcile_money_back()
    assert (CreditNote.objects.count(), Refund.objects.get().state) == (1, "succeeded")


def test_a_refund_whose_answer_was_lost_is_made_once(payment, gateway, clerk, now):
    gateway.fail_next = gateway.fail_late = True
    request_refund(
        actor=clerk,
        refund_id=uuid7(),
        payment_id=payment.pk,
        amount=payment.total,
        reason="Bought twice",
        revokes_license=True,
        gateway=gateway,
        now=now,
    )
    assert Refund.objects.get().state == "pending"
    for _again in range(2):
        tasks.reconcile_money_back()
    assert (Refund.objects.get().state, len(gateway.refunds), CreditNote.objects.count()) == ("succeeded", 1, 1)


def test_an_event_that_the_queue_gave_up_is_put_into_it_again(payment, gateway, monkeypatch, at, now):
    enqueued = []
    monkeypatch.setattr(tasks, "enqueue", lambda *asked: enqueued.append(asked))
    keep(now, "re_1", kind="refund.created")
    at(now + tasks.QUEUE_GIVES_UP_AFTER)
    tasks.reconcile_money_back()
    assert enqueued == []
    at(now + tasks.QUEUE_GIVES_UP_AFTER + timedelta(seconds=1))
    tasks.reconcile_money_back()
    assert enqueued == [(tasks.HANDLE_TASK, "evt_1")]


def test_a_provider_that_does_not_tell_of_its_events_is_asked_next_time(payment, gateway):
    happens(gateway, "refund.created", gateway.refund(payment.provider_payment_id, payment.total).id)
    gateway.fail_next = True
    assert tasks.reconcile_money_back() == 0
    assert tasks.reconcile_money_back() == 1


def test_reminders_are_sent_by_the_clock(choose, on_invoice, at):
    on_invoice(choose())
    at(Invoice.objects.get().due_at + timedelta(days=3))
    assert tasks.remind_overdue() == 1
