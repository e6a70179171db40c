"""Purchases at the same moment as themselves. Each race has a twin without its guards, which shows what comes then."""

from __future__ import annotations

from collections import Counter
from threading import Lock

import pytest
from django.db import IntegrityError

from gateway_double import GatewayDouble
from keywright_portal.billing.models import Invoice, InvoiceLine, PayerAccount, Payment, SavedCard
from keywright_portal.billing.services.ensure_payer import ensure_payer
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import IssueLogEntry, License, LicenseFile
from keywright_portal.orders import agreement
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt
from keywright_portal.orders.services import choose as choosing
from keywright_portal.orders.services import fulfil as fulfilment
from keywright_portal.orders.services import provide as providing
from keywright_portal.orders.services import release as releasing
from keywright_portal.orders.services import send_license as sending
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.payments.gateway import IntentState
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_row_locks, without_uniqueness

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_keys")]


class SharedGateway(GatewayDouble):
    """The provider serves many at once; what it does under one idempotency key it does once."""

    def __init__(self):
        super().__init__()
        self.serving = Lock()

    def create_intent(self, **asked):
        with self.serving:
            return super().create_intent(**asked)


@pytest.fixture
def gateway():
    return SharedGateway()


@pytest.fixture
def fulfil(gateway, now):
    """As the webhook, the browser and the reconciler do, all at once."""

    def _fulfil(intent, expect=()):
        callers = [system(("webhook", "browser", "reconciler")[place % 3]) for place in range(AT_ONCE)]
        return at_once(
            [
                lambda by=by: fulfilment.fulfil_intent(intent_id=intent.id, gateway=gateway, actor=by, now=now)
                for by in callers
            ],
            expect=expect,
        )

    return _fulfil


def counts(*models):
    return [model.objects.count() for model in models]


# ---- Fulfilling ------------------------------------------------------------------------------------------------------

SINGLE = (Subscription, License, Invoice, Payment, OutboxMail, SavedCard)


def test_a_payment_told_by_all_at_once_is_fulfilled_once(choose, complete, gateway, fulfil, new_buyer):
    for number in range(1, ROUNDS + 1):
        order = choose(by=(by := new_buyer(f"Buyer {number}")))
        intent = complete(order, by=by, save_card=True)
        paid = gateway.pay(intent.id)
        gateway.intents[intent.id] = type(paid)(
            **{name: getattr(paid, name) for name in paid.__slots__ if name != "card"},
            card=type(paid.card)(
                method_id=f"pm_{number}", brand="visa", last4="4242", expires_month=8, expires_year=2029
            ),
        )
        outcomes = fulfil(intent)
        assert [outcome.state for outcome in outcomes] == [OrderState.FULFILLED] * AT_ONCE
        assert counts(*SINGLE) == [number] * len(SINGLE)
        assert counts(LicenseFile, IssueLogEntry, InvoiceLine) == [2 * number] * 3
        assert AuditEntry.objects.filter(action="order.fulfilled").count() == number


@pytest.mark.postgresql_only
def test_without_the_orders_lock_the_constraints_alone_keep_it_single(choose, complete, gateway, fulfil, monkeypatch):
    intent = complete(choose())
    gateway.pay(intent.id)
    without_row_locks(monkeypatch)
    monkeypatch.setattr(providing, "open_subscription", meeting(providing.open_subscription, of=AT_ONCE))
    outcomes = fulfil(intent, expect=(IntegrityError,))
    assert Counter(type(outcome) for outcome in outcomes) == {Order: 1, IntegrityError: AT_ONCE - 1}
    assert counts(Subscription, License, Invoice, Payment, OutboxMail) == [1] * 5


@pytest.mark.postgresql_only
def test_without_lock_and_constraints_one_payment_buys_several_licenses(choose, complete, gateway, fulfil, monkeypatch):
    intent = complete(choose())
    gateway.pay(intent.id)
    without_row_locks(monkeypatch)
    monkeypatch.setattr(providing, "open_subscription", meeting(providing.open_subscription, of=AT_ONCE))
    columns = [
        (SeatLedgerEntry, "cause_id"),
        (Invoice, "order_id"),
        (Payment, "provider_payment_id"),
        (LicenseFile, "grant_id"),
        (IssueLogEntry, "sequence"),
        (IssueLogEntry, "hash"),
    ]
    with without_uniqueness(*columns):
        fulfil(intent, expect=(IntegrityError,))
        assert Subscription.objects.count() > 1
        assert Invoice.objects.count() > 1


# ---- Choosing --------------------------------------------------------------------------------------------------------


def test_a_choice_in_many_tabs_at_once_is_one_order(choose, new_buyer):
    for number in range(1, ROUNDS + 1):
        by = new_buyer(f"Buyer {number}")
        outcomes = at_once([lambda by=by: choose(by=by)] * AT_ONCE)
        assert len({order.pk for order in outcomes}) == 1
        assert counts(Order) == [number]
        assert outcomes[0].lines.count() == 2


def test_different_choices_at_once_leave_one_order_that_adds_up(choose, new_buyer):
    for number in range(1, ROUNDS + 1):
        by = new_buyer(f"Buyer {number}")
        outcomes = at_once([lambda by=by, seats=seats: choose(by=by, seats=seats) for seats in range(1, AT_ONCE + 1)])
        order = Order.objects.get(organization=by.organization)
        assert {outcome.pk for outcome in outcomes} == {order.pk}
        assert [line.quantity for line in order.lines.all()] == [order.seats] * 2
        assert sum(line.amount for line in order.lines.all()) == order.gross == order.seats * 12_240


@pytest.mark.postgresql_only
def test_without_the_constraint_every_tab_makes_an_order(choose, monkeypatch):
    monkeypatch.setattr(choosing, "reference", meeting(choosing.reference, of=AT_ONCE))
    with without_uniqueness((Order, "organization_id")):
        outcomes = at_once([choose] * AT_ONCE)
        assert len({order.pk for order in outcomes}) == AT_ONCE


# ---- Paying ----------------------------------------------------------------------------------------------------------


def test_complete_selected_many_times_at_once_is_one_attempt_and_one_intent(choose, complete, gateway, new_buyer):
    for number in range(1, ROUNDS + 1):
        order = choose(by=(by := new_buyer(f"Buyer {number}")))
        outcomes = at_once([lambda order=order, by=by: complete(order, by=by)] * AT_ONCE)
        assert len({intent.id for intent in outcomes}) == 1
        assert (len(gateway.intents), PaymentAttempt.objects.count()) == (number, number)
        assert AuditEntry.objects.filter(action="payment.begun").count() == number


@pytest.mark.postgresql_only
def test_without_lock_and_constraints_a_double_click_makes_two_attempts(choose, complete, monkeypatch):
    order = choose()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(Order, "save", lambda _order: None)  # an update locks the row just as well
    monkeypatch.setattr(agreement, "write_lines", lambda _order, _quote: None)  # and so does writing its lines anew
    monkeypatch.setattr(PaymentAttempt.objects, "create", meeting(PaymentAttempt.objects.create, of=2))
    with without_uniqueness((PaymentAttempt, "number"), (PaymentAttempt, "order_id"), (PaymentAttempt, "intent_id")):
        at_once([lambda: complete(order)] * 2, expect=(PaymentAttempt.MultipleObjectsReturned,))
        assert [attempt.number for attempt in order.attempts.all()] == [1, 1]


def outcomes_of_a_change_while_paying(choose, complete, gateway, by):
    """One tab completes 200 users while another makes it 100. The order, and what can be charged."""
    order = choose(by=by)
    at_once([lambda: complete(order, by=by), lambda: choose(by=by, seats=100)], expect=(OrderChangedError,))
    order.refresh_from_db()
    chargeable = [
        intent.amount.amount
        for intent in gateway.intents.values()
        if intent.order_id == str(order.pk) and intent.state is not IntentState.CANCELED
    ]
    return order, chargeable


def test_a_change_and_a_payment_at_once_never_leave_a_charge_for_another_sum(choose, complete, gateway, new_buyer):
    for number in range(2 * ROUNDS):
        order, chargeable = outcomes_of_a_change_while_paying(choose, complete, gateway, new_buyer(f"Buyer {number}"))
        assert chargeable in ([], [order.gross])


def test_a_payment_begun_between_letting_go_and_writing_is_let_go_too(choose, complete, gateway, monkeypatch):
    order = choose()
    write = choosing._write
    begun = []

    def begin_first(**asked):
        if not begun:
            begun.append(complete(order))
        return write(**asked)

    monkeypatch.setattr(choosing, "_write", begin_first)
    changed = choose(seats=100)
    assert gateway.intents[begun[0].id].state is IntentState.CANCELED
    assert (changed.pk, changed.seats, changed.state) == (order.pk, 100, OrderState.OPEN)
    assert not changed.attempts.filter(closed_at=None).exists()


def test_an_intent_that_comes_while_its_attempt_is_let_go_is_cancelled_too(choose, complete, gateway, monkeypatch):
    """Letting go read an attempt without an intent; the provider's answer was kept before it could close it."""
    order = choose()
    intent = complete(order)
    PaymentAttempt.objects.filter(order=order).update(intent_id=None)
    close = releasing._close

    def keep_the_answer_first(attempt, **asked):
        monkeypatch.setattr(releasing, "_close", close)
        PaymentAttempt.objects.filter(pk=attempt.pk).update(intent_id=intent.id)
        return close(attempt, **asked)

    monkeypatch.setattr(releasing, "_close", keep_the_answer_first)
    changed = choose(seats=100)
    assert gateway.intents[intent.id].state is IntentState.CANCELED
    assert (changed.seats, changed.attempts.filter(closed_at=None).count()) == (100, 0)


def test_a_payment_that_is_begun_again_and_again_while_it_changes_ends_with_a_sentence(
    choose, complete, gateway, monkeypatch
):
    order = choose()
    write = choosing._write

    def always_begun_again(**asked):
        complete(Order.objects.get(pk=order.pk))
        return write(**asked)

    monkeypatch.setattr(choosing, "_write", always_begun_again)
    with pytest.raises(OrderChangedError) as refused:
        choose(seats=100)
    assert "another window" in str(refused.value.message)
    order.refresh_from_db()
    assert order.seats == 200


def test_an_order_discarded_while_it_is_paid_is_one_or_the_other(choose, complete, gateway, now, new_buyer):
    for number in range(ROUNDS):
        by = new_buyer(f"Buyer {number}")
        order = choose(by=by)
        at_once(
            [
                lambda order=order, by=by: complete(order, by=by),
                lambda order=order, by=by: discard_order(actor=by.actor, order_id=order.pk, gateway=gateway, now=now),
            ],
            expect=(OrderChangedError, InvalidTransitionError),
        )
        order.refresh_from_db()
        open_intents = [
            intent
            for intent in gateway.intents.values()
            if intent.order_id == str(order.pk) and intent.state is not IntentState.CANCELED
        ]
        assert (order.state, open_intents) in (
            (OrderState.DISCARDED, []),
            (OrderState.PAYING, [gateway.intents[intent.id] for intent in open_intents]),
        )


# ---- The provider's record of an organization ------------------------------------------------------------------------


class ForgetfulGateway(GatewayDouble):
    """A provider that makes a new customer at each call, as if there were no idempotency keys."""

    def create_customer(self, **asked):
        super().create_customer(**asked)
        return f"cus_{len(self.asked)}_{asked['organization_id']}"


def test_an_organization_asked_for_at_once_has_one_record_and_all_are_told_it(new_buyer):
    for number in range(1, ROUNDS + 1):
        organization, provider = new_buyer(f"Buyer {number}").organization, ForgetfulGateway()
        outcomes = at_once([lambda o=organization, p=provider: ensure_payer(organization=o, gateway=p)] * AT_ONCE)
        assert set(outcomes) == {PayerAccount.objects.get(organization=organization).provider_customer_id}


@pytest.mark.postgresql_only
def test_without_the_unique_row_an_organization_has_several_records(buyer, monkeypatch):
    provider = ForgetfulGateway()

    def insert_blindly(*, organization, defaults):
        account = PayerAccount(organization=organization, **defaults)
        account.save(force_insert=True)
        return account, True

    monkeypatch.setattr(PayerAccount.objects, "get_or_create", meeting(insert_blindly, of=AT_ONCE))
    with without_uniqueness((PayerAccount, "organization_id")):
        outcomes = at_once([lambda: ensure_payer(organization=buyer.organization, gateway=provider)] * AT_ONCE)
        assert len(set(outcomes)) == AT_ONCE


# ---- Sending a license to a System Admin -----------------------------------------------------------------------------


@pytest.fixture
def one_more_send(choose, complete, gateway, buyer, now):
    """All but one of a day's mails are sent; the call that sends the next."""
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfilment.fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
    file = LicenseFile.objects.get(format="keywright")

    def send():
        return sending.send_license(
            actor=buyer.actor, file_id=file.pk, to="admin@brightwater.example", sender_name="Ana Ferreira", now=now
        )

    for _mail in range(sending.SENDS_A_DAY - 1):
        send()
    return send


def links_sent():
    return OutboxMail.objects.filter(key__startswith="license-link:").count()


def test_many_sends_at_once_are_no_more_than_a_day_has(one_more_send):
    at_once([one_more_send] * AT_ONCE, expect=(sending.TooManySendsError,))
    assert links_sent() == sending.SENDS_A_DAY


@pytest.mark.postgresql_only
def test_without_the_organizations_lock_many_sends_at_once_are_more(one_more_send, monkeypatch):
    without_row_locks(monkeypatch)
    monkeypatch.setattr(sending, "absolute", meeting(sending.absolute, of=AT_ONCE))
    at_once([one_more_send] * AT_ONCE, expect=(sending.TooManySendsError,))
    assert links_sent() > sending.SENDS_A_DAY
