"""One event fifty times at once, through webhook, queue and fulfilment: one license, one invoice, one mail."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django_q.models import OrmQ
from purchases import PAID, portal, result_of, run_task, tell, work

from keywright_portal.api import webhook
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.licensing.models import IssueLogEntry, License, LicenseFile
from keywright_portal.orders import tasks
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services import fulfil as fulfilment
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription
from racing import at_once, without_row_locks, without_uniqueness
from trial_size import trial_size

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_keys")]

FIFTY = 50
"""A burst: Stripe sends the same event again while an answer is on its way."""
HANDLERS = 6
"""Workers that are given the same task: the queue promises to run it, not to run it once."""
ROUNDS = trial_size(short=2)


@pytest.fixture
def paid(choose, complete, provider, new_buyer):
    numbers = iter(range(10**6))

    def _paid():
        order = choose(by=(by := new_buyer(f"Buyer {next(numbers)}")))
        intent = complete(order, by=by)
        provider.pay(intent.id)
        return order, intent

    return _paid


def test_one_event_fifty_times_at_once_is_one_license_one_invoice_and_one_mail(paid):
    portal()  # made before they come
    for number in range(1, ROUNDS + 1):
        order, intent = paid()
        told = at_once([lambda number=number, intent=intent: tell(f"evt_{number}", KIND, intent.id)] * FIFTY)
        assert told == [200] * FIFTY
        (task,) = OrmQ.objects.all()
        name, arguments = task.task["func"], task.task["args"]
        at_once([lambda name=name, arguments=arguments: run_task(name, arguments)] * HANDLERS)
        task.delete()
        work()
        assert result_of(order) == PAID
        assert (Invoice.objects.count(), License.objects.count(), Payment.objects.count()) == (number, number, number)
        assert not ProviderEvent.objects.filter(handled_at=None).exists()


KIND = "payment_intent.succeeded"


@pytest.mark.postgresql_only
def test_without_the_events_key_fifty_tasks_are_made(paid, monkeypatch):
    """The twin of the webhook."""
    _order, intent = paid()
    portal()
    with without_uniqueness((ProviderEvent, "id")):
        assert at_once([lambda: tell("evt_1", KIND, intent.id)] * FIFTY) == [200] * FIFTY
        assert OrmQ.objects.count() == FIFTY


@pytest.mark.postgresql_only
def test_without_lock_and_constraints_one_event_is_several_invoices(paid, monkeypatch):
    """The twin of what the queue runs: each of them reads the order before any has written it."""
    order, intent = paid()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(fulfilment, "provide", meeting_before(fulfilment.provide))
    columns = [
        (SeatLedgerEntry, "cause_id"),
        (Invoice, "order_id"),
        (Payment, "provider_payment_id"),
        (LicenseFile, "grant_id"),
        (IssueLogEntry, "sequence"),
        (IssueLogEntry, "hash"),
    ]
    with without_uniqueness(*columns):
        assert tell("evt_1", KIND, intent.id) == 200
        at_once([lambda: tasks.handle_event("evt_1")] * HANDLERS, expect=(IntegrityError, InvalidTransitionError))
        assert Order.objects.get(pk=order.pk).state == OrderState.FULFILLED
        assert min(Subscription.objects.count(), Invoice.objects.count()) > 1


def meeting_before(call):
    from racing import meeting

    return meeting(call, of=HANDLERS)


def test_the_webhook_of_this_trial_is_the_real_one():
    assert webhook.HANDLE_TASK == tasks.HANDLE_TASK
