"""Every event three times, in every order, with the database away in the middle: one and the same end."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django_q.models import OrmQ
from purchases import PAID, result_of, tell, work

from keywright_portal.api import webhook
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.orders.models import OrderState
from keywright_portal.orders.services import act_on_event as acting
from keywright_portal.orders.services import fulfil as fulfilment
from keywright_portal.payments.gateway import IntentState, PaymentFailure
from keywright_portal.payments.models import ProviderEvent
from trial_size import trial_size

pytestmark = [pytest.mark.usefixtures("signing_keys")]

SEQUENCES = trial_size(short=12)
DECLINED = PaymentFailure(code="insufficient_funds", message="Your card has insufficient funds.")
LIFE = (
    ("payment_intent.created", IntentState.REQUIRES_PAYMENT_METHOD, None),
    ("payment_intent.payment_failed", IntentState.REQUIRES_PAYMENT_METHOD, DECLINED),
    ("payment_intent.requires_action", IntentState.REQUIRES_ACTION, None),
    ("payment_intent.processing", IntentState.PROCESSING, None),
    ("payment_intent.succeeded", IntentState.SUCCEEDED, None),
    ("charge.succeeded", IntentState.SUCCEEDED, None),
)
"""A card that is declined, another that asks for 3D Secure, and the money: what is told, and what is true then."""


def orders_of_events():
    """Every order of one to six of them that tells of the payment; what tells nothing of it changes nothing."""
    every = [
        chosen
        for length in range(1, len(LIFE) + 1)
        for chosen in permutations(range(len(LIFE)), length)
        if any(LIFE[place][0] == "payment_intent.succeeded" for place in chosen)
    ]
    if len(every) <= SEQUENCES:
        return every
    return random.Random(7).sample(every, SEQUENCES)


class Purchase:
    """An order under way, and the provider's truth about it, which moves on as events are told."""

    def __init__(self, provider, order, intent):
        self.provider, self.order, self.intent = provider, order, intent
        self.reached = -1

    def tell(self, place):
        """At the earliest moment at which the event can be told: what was true then is what the provider says."""
        kind, state, failure = LIFE[place]
        if place > self.reached:
            self.reached = place
            known = self.provider.intents[self.intent.id]
            self.provider.intents[self.intent.id] = replace(known, state=state, failure=failure)
        object_id = self.intent.id if kind.startswith("payment_intent") else f"ch_{self.intent.id[3:]}"
        return tell(f"evt_{self.order.pk}_{place}", kind, object_id)

    def all_has_happened(self):
        self.reached = len(LIFE)
        self.provider.pay(self.intent.id)


@pytest.fixture
def purchase(choose, complete, provider, new_buyer):
    numbers = iter(range(10**6))

    def _purchase():
        by = new_buyer(f"Buyer {next(numbers)}")
        order = choose(by=by)
        return Purchase(provider, order, complete(order, by=by))

    return _purchase


@contextmanager
def undone():
    """A purchase of its own, which leaves nothing for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("told", ["as it happens", "when all is over"])
def test_three_times_in_every_order_ends_the_same(purchase, told):
    chance = random.Random(11)
    for number, chosen in enumerate(orders_of_events()):
        with undone():
            bought = purchase()
            if told == "when all is over":
                bought.all_has_happened()
            third = chance.sample(chosen, len(chosen))
            for place in (*chosen, *reversed(chosen), *third):
                assert bought.tell(place) == 200
                if number % 2:
                    work()
            work()
            assert result_of(bought.order) == PAID, (chosen, third)
            assert not ProviderEvent.objects.filter(handled_at=None).exists()


@pytest.mark.django_db
def test_an_order_of_events_without_the_payment_leaves_no_license(purchase):
    for chosen in list(permutations(range(4)))[: max(4, SEQUENCES // 60)]:
        with undone():
            bought = purchase()
            for place in chosen * 3:
                assert bought.tell(place) == 200
            work()
            assert result_of(bought.order)["licenses"] == result_of(bought.order)["invoices"] == 0


@pytest.mark.django_db
def test_without_its_guards_the_same_event_again_is_a_second_payment(purchase, monkeypatch):
    """The twin: each event is taken for new, a recorded payment is asked about, a fulfilled order fulfilled again."""

    def take_for_new(*, event, now, follows):
        row = {"type": event.type, "object_id": event.object_id, "received_at": now, "handled_at": None}
        ProviderEvent.objects.update_or_create(id=event.id, defaults=row)
        return True

    states = {state.name: state for state in OrderState} | {"FULFILLED": "never"}
    monkeypatch.setattr(webhook, "keep_event", take_for_new)
    monkeypatch.setitem(acting._ACTS, "payment_intent.succeeded", acting._intent)
    monkeypatch.setattr(fulfilment, "OrderState", type("NeverFulfilled", (), states))
    bought = purchase()
    bought.tell(4)
    work()
    bought.tell(4)
    with pytest.raises(InvalidTransitionError):
        work()


# ---- The database away -----------------------------------------------------------------------------------------------


class Away:
    """From the nth statement on, counted with the commit, the database doesn't answer. On PostgreSQL for real: the
    server ends the connection. `is_reached` says whether there were so many.
    """

    def __init__(self, nth):
        self.left = nth
        self.is_reached = False

    def __enter__(self):
        self._wrapped = connection.execute_wrapper(self._execute)
        self._wrapped.__enter__()
        self._commit = connection._commit
        connection._commit = self._commit_or_not
        return self

    def __exit__(self, *_exception):
        connection._commit = self._commit
        self._wrapped.__exit__(None, None, None)
        if self.is_reached:
            connection.close()

    def _cut(self):
        self.left -= 1
        if self.left > 0:
            return
        self.is_reached = True
        if connection.vendor != "postgresql":
            raise OperationalError("disk I/O error")
        if self.left == 0:
            pid = connection.connection.info.backend_pid
            with psycopg.connect(**connection.connection.info.get_parameters(), password="") as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def _execute(self, execute, sql, params, many, context):
        self._cut()
        return execute(sql, params, many, context)

    def _commit_or_not(self):
        self._cut()
        return self._commit()


@pytest.mark.django_db(transaction=True)
def test_wherever_the_database_goes_while_an_event_comes_it_is_refused_and_not_kept(purchase, caplog):
    """Never a 200 for what wasn't kept; and what was refused is taken when it is told again."""
    bought = purchase()
    for nth in range(1, 100):
        with Away(nth) as away:
            status = bought.tell(4)
        if not away.is_reached:
            break
        assert (status, ProviderEvent.objects.count(), OrmQ.objects.count()) == (500, 0, 0), nth
    assert nth > 3
    assert (status, ProviderEvent.objects.count(), OrmQ.objects.count()) == (200, 1, 1)
    bought.all_has_happened()
    work()
    assert result_of(bought.order) == PAID


@pytest.mark.django_db(transaction=True)
def test_wherever_the_database_goes_while_an_event_is_handled_the_next_try_ends_the_same(purchase):
    bought = purchase()
    bought.all_has_happened()
    assert bought.tell(4) == 200
    for nth in range(1, 500):
        try:
            with Away(nth) as away:
                work()
        except DatabaseError:
            assert away.is_reached
            assert result_of(bought.order) in (PAID, PAID | {"sent": 0}, NOTHING), nth
        if not away.is_reached:
            break
    assert nth > 20
    assert result_of(bought.order) == PAID


NOTHING = {"state": "paying", "licenses": 0, "invoices": 0, "lines": 0, "payments": 0, "mails": 0, "sent": 0}


@pytest.mark.django_db(transaction=True)
def test_with_the_database_away_in_the_middle_all_orders_end_the_same(purchase, caplog):
    """The provider tells again what wasn't answered with 200, the queue tries again what broke."""
    chance, refused = random.Random(5), 0
    for chosen in orders_of_events()[: max(10, SEQUENCES // 10)]:
        bought = purchase()
        waiting = list(chosen) * 3
        chance.shuffle(waiting)
        while waiting:
            place = waiting.pop(0)
            with Away(chance.randrange(1, 20)):
                status = bought.tell(place)
            if status != 200:
                refused += 1
                waiting.append(place)
            try:
                with Away(chance.randrange(1, 200)):
                    work()
            except DatabaseError:
                continue
        work()
        assert result_of(bought.order) == PAID, chosen
    assert refused, "the database was never away"


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_answers_before_it_keeps_loses_events(purchase, monkeypatch):
    """The twin: 200 whatever happens."""
    keep = webhook.keep_event

    def keep_if_possible(**asked):
        try:
            return keep(**asked)
        except DatabaseError:
            return False

    monkeypatch.setattr(webhook, "keep_event", keep_if_possible)
    bought, lost = purchase(), 0
    for nth in range(1, 10):
        with Away(nth) as away:
            status = bought.tell(4)
        lost += away.is_reached and status == 200 and ProviderEvent.objects.count() == 0
    assert lost
