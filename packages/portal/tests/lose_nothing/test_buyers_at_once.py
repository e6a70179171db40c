"""Double clicks, two tabs, two people of one organization, card and invoice: one order, or two that were meant."""

from __future__ import annotations

import random
from contextlib import suppress
from threading import Event, RLock, Timer

import pytest
from django.db import transaction
from purchases import DETAILS

from gateway_double import GatewayDouble
from keywright_portal.accounts.models import Membership, Role, User
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.orders.completion import Completion
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import UNFINISHED, Order, OrderState, PaymentAttempt
from keywright_portal.orders.services import start_payment as starting
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.place_on_invoice import place_on_invoice
from keywright_portal.payments.gateway import IntentState
from racing import at_once, meeting, without_row_locks, without_uniqueness
from trial_size import trial_size

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_keys")]

ROUNDS = trial_size(short=10)
WAITS = 5.0
"""Seconds for another to come to a point."""
REFUSALS = (OrderChangedError, InvalidTransitionError)
PAYABLE = (IntentState.REQUIRES_PAYMENT_METHOD, IntentState.REQUIRES_ACTION)


class Provider(GatewayDouble):
    """Serves many at once, one after the other: what is charged can't be cancelled, what is cancelled not charged."""

    def __init__(self):
        super().__init__()
        self.serving = RLock()

    def create_intent(self, **asked):
        with self.serving:
            return super().create_intent(**asked)

    def cancel_intent(self, **asked):
        with self.serving:
            return super().cancel_intent(**asked)

    def charge(self, intent_id):
        with self.serving:
            if self.intents[intent_id].state in PAYABLE:
                self.pay(intent_id)


@pytest.fixture
def gateway():
    return Provider()


class Organization:
    """Two people of it, and what they do in their browsers."""

    def __init__(self, *, owner, choose, complete, gateway, now):
        self.owner, self.gateway, self.now = owner, gateway, now
        self.organization = owner.organization
        user = User(email=f"second@{owner.organization.slug}.example", name="Rui Costa")
        user.set_unusable_password()
        user.save()
        Membership.objects.create(user=user, organization=self.organization, role=Role.ADMIN, created_at=now)
        actor = actor_of(user_id=user.pk, organization_id=self.organization.pk, role=Role.ADMIN)
        self.colleague = type(owner)(self.organization, user, actor)
        self._choose, self._complete = choose, complete

    def choose(self, seats=200, by=None):
        return self._choose(by=by or self.owner, seats=seats)

    def complete(self, order, by=None):
        return self._complete(order, by=by or self.owner)

    def pay(self, order, by=None):
        """Complete as the page showed it, confirm, and come back."""
        intent = self.complete(order, by)
        self.gateway.charge(intent.id)
        self.come_back(intent.id)

    def come_back(self, intent_id):
        fulfil_intent(intent_id=intent_id, gateway=self.gateway, actor=system("browser"), now=self.now)

    def discard(self, order, by=None):
        discard_order(actor=(by or self.owner).actor, order_id=order.pk, gateway=self.gateway, now=self.now)

    def ask_for_invoice(self, order, by=None):
        completion = Completion(
            billing=DETAILS, purchase_order="", accepts_terms=True, save_card=False, amount_shown=order.gross
        )
        by = by or self.owner
        place_on_invoice(actor=by.actor, order_id=order.pk, completion=completion, gateway=self.gateway, now=self.now)


# ---- What they do: each returns how many orders were meant, at least and at most -------------------------------------


def double_click(there, chance):
    """Everything twice."""
    orders = at_once([there.choose] * 2)
    assert orders[0].pk == orders[1].pk
    at_once([lambda: there.pay(orders[0])] * 2, expect=REFUSALS)  # the second may come when all is over
    return 1, 1


def two_tabs(there, chance):
    """Each tab makes its own choice, and pays what it shows."""

    def tab(seats):
        with suppress(*REFUSALS):
            there.pay(there.choose(seats))

    at_once([lambda seats=seats: tab(seats) for seats in chance.sample(range(1, 400), 2)])
    return 1, 2  # one that was paid before the other was chosen is over: the other is a second order, chosen after it


def two_people(there, chance):
    """One pays; the colleague changes, discards, or pays too."""
    order = there.choose()
    theirs = [
        lambda: there.choose(100, by=there.colleague),
        lambda: there.discard(order, by=there.colleague),
        lambda: there.pay(order, by=there.colleague),
    ]
    at_once([lambda: there.pay(order), chance.choice(theirs)], expect=REFUSALS)
    return 0, 1


def card_and_invoice(there, chance):
    order = there.choose()
    at_once([lambda: there.pay(order), lambda: there.ask_for_invoice(order, by=there.colleague)], expect=REFUSALS)
    return 1, 1


def two_that_were_meant(there, chance):
    """A second one is begun after the first was paid, by both people at once."""
    there.pay(there.choose(chance.randrange(1, 400)))
    second = at_once([there.choose, lambda: there.choose(by=there.colleague)])[0]
    at_once([lambda: there.pay(second), lambda: there.pay(second, by=there.colleague)], expect=REFUSALS)
    return 2, 2


WAYS = (double_click, two_tabs, two_people, card_and_invoice, two_that_were_meant)


def judge(there, at_least, at_most):
    """Charged and licensed are the same, and nothing at the provider could still be charged for nothing."""
    orders = {str(order.pk): order for order in Order.objects.filter(organization=there.organization)}
    intents = [intent for intent in there.gateway.intents.values() if intent.order_id in orders]
    charged = [intent for intent in intents if intent.state is IntentState.SUCCEEDED]
    bought = {pk: order for pk, order in orders.items() if order.state in (OrderState.FULFILLED, OrderState.INVOICED)}
    paid = {pk for pk, order in bought.items() if order.state == OrderState.FULFILLED}
    assert at_least <= len(bought) <= at_most, {order.number: order.state for order in orders.values()}
    assert sorted(intent.order_id for intent in charged) == sorted(paid), "charged is fulfilled, once each"
    assert all(intent.amount == orders[intent.order_id].total for intent in charged)
    assert sum(order.state in UNFINISHED for order in orders.values()) <= 1
    for intent in intents:
        if intent.state in PAYABLE:
            order = orders[intent.order_id]
            assert (order.state, order.total) == (OrderState.PAYING, intent.amount), "could be charged for nothing"
    mine = {"organization": there.organization}
    assert License.objects.filter(**mine).count() == Invoice.objects.filter(**mine).count() == len(bought)
    assert Payment.objects.filter(invoice__organization=there.organization).count() == len(paid)
    mails = OutboxMail.objects.filter(organization_id=there.organization.pk).values_list("key", flat=True)
    assert {f"order:{pk}:license-ready" for pk in paid} <= set(mails), sorted(mails)


@pytest.fixture
def organizations(new_buyer, choose, complete, gateway, now):
    def _organizations(number):
        for place in range(number):
            owner = new_buyer(f"Buyer {place}")
            yield place, Organization(owner=owner, choose=choose, complete=complete, gateway=gateway, now=now)

    return _organizations


def test_whatever_is_done_twice_at_once_is_one_order_or_two_that_were_meant(organizations):
    for number, there in organizations(ROUNDS):
        way = WAYS[number % len(WAYS)]
        meant = way(there, random.Random(number))
        try:
            judge(there, *meant)
        except AssertionError as error:
            error.add_note(f"round {number}: {way.__name__}")
            raise


@pytest.mark.postgresql_only
def test_without_the_lock_and_constraints_a_double_click_is_charged_twice(organizations, monkeypatch):
    """The twin: both clicks begin a payment of their own."""
    ((_number, there),) = organizations(1)
    order = there.choose()
    without_row_locks(monkeypatch)
    # An update locks the row just as well.
    monkeypatch.setattr(Order, "save", lambda _order, **_options: None)
    monkeypatch.setattr(starting, "agree", lambda **_asked: None)
    monkeypatch.setattr(PaymentAttempt.objects, "create", meeting(PaymentAttempt.objects.create, of=2))
    asked, keys = there.gateway.create_intent, iter(range(10))

    def create_intent(**named):
        return asked(**named | {"idempotency_key": str(next(keys))})

    there.gateway.create_intent = create_intent
    columns = [(PaymentAttempt, "number"), (PaymentAttempt, "order_id"), (PaymentAttempt, "intent_id")]
    with without_uniqueness(*columns):
        for intent in at_once([lambda: there.complete(order)] * 2):
            there.gateway.charge(intent.id)
        charged = [intent for intent in there.gateway.intents.values() if intent.state is IntentState.SUCCEEDED]
        assert len(charged) == 2


@pytest.mark.postgresql_only
def test_who_waits_for_the_orders_lock_reads_it_as_it_is_then(organizations):
    """The colleague completes the same order while its payment is being fulfilled: the mail goes to the colleague."""
    ((_number, there),) = organizations(1)
    order = there.choose()
    intent = there.complete(order)
    there.gateway.charge(intent.id)
    is_locked, may_go = Event(), Event()

    def colleague():
        with transaction.atomic():
            Order.objects.filter(pk=order.pk).update(placed_by_id=there.colleague.user.pk)
            is_locked.set()
            may_go.wait(WAITS)

    def browser():
        is_locked.wait(WAITS)
        Timer(WAITS / 10, may_go.set).start()  # by then it waits for the lock
        there.come_back(intent.id)

    at_once([colleague, browser])
    judge(there, 1, 1)
    mail = OutboxMail.objects.get(key=f"order:{order.pk}:license-ready")
    assert mail.to == there.colleague.user.email
