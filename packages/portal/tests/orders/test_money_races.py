"""Invoices, transfers, refunds and disputes at the same moment as themselves; each with a twin without its guards."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Lock

import pytest

from gateway_double import GatewayDouble
from keywright_portal.billing.models import BankTransfer, CreditNote, Dispute, Invoice, Payment, Refund
from keywright_portal.billing.services import record_payment as recording
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.orders.errors import OrderChangedError, RefundError
from keywright_portal.orders.models import Order, OrderLine, OrderState
from keywright_portal.orders.services import place_on_invoice as placing
from keywright_portal.orders.services import receive_transfer as receiving
from keywright_portal.orders.services import refund as refunding
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.remind_overdue import remind_overdue
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.payments.gateway import DisputeOutcome, IntentState
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription
from racing import AT_ONCE, ROUNDS, at_once, meeting, reading, without_row_locks, without_uniqueness

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_keys")]


class SharedGateway(GatewayDouble):
    """The provider serves many at once; what it does under one idempotency key it does once."""

    def __init__(self):
        super().__init__()
        self.serving = Lock()

    def create_intent(self, **asked):
        with self.serving:
            return super().create_intent(**asked)

    def create_refund(self, **asked):
        with self.serving:
            return super().create_refund(**asked)


@pytest.fixture
def gateway():
    return SharedGateway()


@pytest.fixture
def paid(choose, complete, gateway, now, new_buyer):
    """A payment by card of a new buyer's."""

    def _paid(name="Buyer") -> Payment:
        by = new_buyer(name)
        intent = complete(choose(by=by), by=by)
        gateway.pay(intent.id)
        fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
        return Payment.objects.get(provider_payment_id=intent.id)

    return _paid


@pytest.fixture
def refund(gateway, clerk, now):
    def _refund(payment, amount, refund_id=None):
        return refunding.request_refund(
            actor=clerk,
            refund_id=refund_id or uuid7(),
            payment_id=payment.pk,
            amount=amount,
            reason="Bought twice",
            revokes_license=True,
            gateway=gateway,
            now=now,
        )

    return _refund


def share(money: Money, percent: int) -> Money:
    return money.share(percent, 100)


# ---- On invoice ------------------------------------------------------------------------------------------------------


def test_complete_on_invoice_many_times_at_once_is_one_debt_and_one_license(choose, on_invoice, new_buyer):
    for number in range(1, ROUNDS + 1):
        order = choose(by=(by := new_buyer(f"Buyer {number}")))
        outcomes = at_once([lambda order=order, by=by: on_invoice(order, by=by)] * AT_ONCE)
        assert [outcome.state for outcome in outcomes] == [OrderState.INVOICED] * AT_ONCE
        assert [model.objects.count() for model in (Invoice, Subscription, License, OutboxMail)] == [number] * 4


@pytest.mark.postgresql_only
def test_without_lock_and_constraints_complete_on_invoice_makes_several_debts(choose, on_invoice, monkeypatch):
    order = choose()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(placing, "agree", meeting(placing.agree, of=2))
    columns = [
        (OrderLine, "order_id"),
        (Invoice, "order_id"),
        (SeatLedgerEntry, "cause_id"),
        (LicenseFile, "grant_id"),
    ]
    with without_uniqueness(*columns):
        at_once([lambda: on_invoice(order)] * 2)
        assert (Invoice.objects.count(), Subscription.objects.count()) == (2, 2)


def test_a_card_an_invoice_and_a_discard_at_once_leave_one_of_them(
    *, choose, complete, on_invoice, gateway, now, new_buyer
):
    for number in range(ROUNDS):
        by = new_buyer(f"Buyer {number}")
        order = choose(by=by)
        at_once(
            [
                lambda order=order, by=by: complete(order, by=by),
                lambda order=order, by=by: on_invoice(order, by=by),
                lambda order=order, by=by: discard_order(actor=by.actor, order_id=order.pk, gateway=gateway, now=now),
            ],
            expect=(OrderChangedError, InvalidTransitionError),
        )
        order.refresh_from_db()
        chargeable = [
            intent
            for intent in gateway.intents.values()
            if intent.order_id == str(order.pk) and intent.state is not IntentState.CANCELED
        ]
        invoices = Invoice.objects.filter(order_id=order.pk).count()
        assert (order.state, len(chargeable), invoices) in (
            (OrderState.PAYING, 1, 0),
            (OrderState.PAYING, 0, 0),
            (OrderState.INVOICED, 0, 1),
            (OrderState.DISCARDED, 0, 0),
        )


# ---- Transfers -------------------------------------------------------------------------------------------------------


def test_a_transfer_typed_in_by_all_at_once_is_booked_once(choose, on_invoice, receive, new_buyer):
    for number in range(1, ROUNDS + 1):
        order = on_invoice(choose(by=(by := new_buyer(f"Buyer {number}"))), by=by)
        invoice = Invoice.objects.get(order_id=order.pk)
        outcomes = at_once(
            [lambda i=invoice, n=number: receive(i.total, i.number, reference=f"BANK-{n}")] * AT_ONCE,
        )
        assert len({outcome.pk for outcome in outcomes}) == 1
        assert (BankTransfer.objects.count(), Payment.objects.count()) == (number, number)
        assert LicenseFile.objects.filter(superseded_at=None).count() == 2 * number


@pytest.mark.postgresql_only
def test_without_its_unique_reference_a_transfer_is_kept_several_times(receive, catalog, monkeypatch):
    monkeypatch.setattr(receiving, "_known", reading(receiving._known, of=AT_ONCE))
    with without_uniqueness((BankTransfer, "bank_reference")):
        at_once([lambda: receive(Money(100, "USD"))] * AT_ONCE)
        assert BankTransfer.objects.count() == AT_ONCE


def two_transfers(choose, on_invoice, receive, by):
    """Each of 60 % of an invoice, at the same moment; the invoice."""
    order = on_invoice(choose(by=by), by=by)
    invoice = Invoice.objects.get(order_id=order.pk)
    part = share(invoice.total, 60)
    at_once(
        [lambda n=n: receive(part, invoice.number, reference=f"BANK-{invoice.pk}-{n}") for n in range(2)],
    )
    return invoice


def test_two_transfers_at_once_pay_the_invoice_and_leave_a_surplus(choose, on_invoice, receive, new_buyer):
    for number in range(ROUNDS):
        invoice = two_transfers(choose, on_invoice, receive, new_buyer(f"Buyer {number}"))
        assert sum(payment.amount for payment in invoice.payments.all()) == invoice.gross
        surplus = sum(transfer.surplus for transfer in invoice.transfers.all())
        assert surplus == 2 * share(invoice.total, 60).amount - invoice.gross


@pytest.mark.postgresql_only
def test_without_locks_two_transfers_pay_more_than_is_owed(choose, on_invoice, receive, buyer, monkeypatch):
    without_row_locks(monkeypatch)
    monkeypatch.setattr(recording, "balance", reading(recording.balance, of=2))
    with without_uniqueness((Payment, "invoice_id")):
        invoice = two_transfers(choose, on_invoice, receive, buyer)
        assert sum(payment.amount for payment in invoice.payments.all()) > invoice.gross


def remind_at_once(invoice):
    at_once([lambda: remind_overdue(now=invoice.due_at + timedelta(days=3))] * AT_ONCE)
    return OutboxMail.objects.filter(key__contains=":overdue:").count()


def test_workers_that_remind_at_once_send_the_reminder_once(choose, on_invoice):
    on_invoice(choose())
    assert remind_at_once(Invoice.objects.get()) == 1


@pytest.mark.postgresql_only
def test_without_its_unique_key_a_reminder_goes_out_several_times(choose, on_invoice, monkeypatch):
    on_invoice(choose())
    insert = OutboxMail.objects.create

    def insert_blindly(*, key, defaults):
        return insert(key=key, **defaults), True

    monkeypatch.setattr(OutboxMail.objects, "get_or_create", meeting(insert_blindly, of=AT_ONCE))
    with without_uniqueness((OutboxMail, "key")):
        assert remind_at_once(Invoice.objects.get()) == AT_ONCE


# ---- Refunds ---------------------------------------------------------------------------------------------------------


def test_the_same_refund_asked_for_at_once_moves_money_once(paid, refund, gateway):
    for number in range(1, ROUNDS + 1):
        payment, same = paid(f"Buyer {number}"), uuid7()
        outcomes = at_once([lambda p=payment, i=same: refund(p, p.total, i)] * AT_ONCE)
        assert {outcome.pk for outcome in outcomes} == {same}
        assert [Refund.objects.count(), CreditNote.objects.count(), len(gateway.refunds)] == [number] * 3


def two_refunds(payment, refund):
    """Each of 60 % of a payment, at the same moment, with an id of its own: how each ended."""
    part = share(payment.total, 60)
    outcomes = at_once([lambda: refund(payment, part)] * 2, expect=(RefundError,))
    return Counter(type(outcome) for outcome in outcomes)


def test_two_refunds_at_once_never_give_back_more_than_was_paid(paid, refund):
    for number in range(ROUNDS):
        payment = paid(f"Buyer {number}")
        assert two_refunds(payment, refund) == {Refund: 1, RefundError: 1}
        assert payment.refunds.count() == 1


@pytest.mark.postgresql_only
def test_without_the_invoices_lock_both_refunds_reach_the_provider(paid, refund, monkeypatch):
    payment = paid()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(refunding, "refundable", reading(refunding.refundable, of=2))
    two_refunds(payment, refund)
    assert payment.refunds.count() == 2


def test_a_refund_told_by_all_its_events_at_once_is_credited_once(paid, gateway, now):
    for number in range(1, ROUNDS + 1):
        payment = paid(f"Buyer {number}")
        told = gateway.refund(payment.provider_payment_id, share(payment.total, 10))
        at_once([lambda told=told: settle_refund(told=told, actor=system("webhook"), now=now)] * AT_ONCE)
        assert (Refund.objects.count(), CreditNote.objects.count()) == (number, number)


@pytest.mark.postgresql_only
def test_without_lock_and_constraint_a_refund_is_credited_several_times(paid, gateway, now, monkeypatch):
    payment = paid()
    told = gateway.refund(payment.provider_payment_id, share(payment.total, 10))
    without_row_locks(monkeypatch)
    monkeypatch.setattr(Refund.objects, "create", meeting(Refund.objects.create, of=2))
    with without_uniqueness((Refund, "provider_refund_id")):
        at_once([lambda: settle_refund(told=told, actor=system("webhook"), now=now)] * 2)
        assert (Refund.objects.count(), CreditNote.objects.count()) == (2, 2)


# ---- Disputes --------------------------------------------------------------------------------------------------------


def test_a_dispute_told_by_all_its_events_at_once_is_one_and_credited_once(paid, gateway, now):
    for number in range(1, ROUNDS + 1):
        payment = paid(f"Buyer {number}")
        told = gateway.close(gateway.dispute(payment.provider_payment_id).id, DisputeOutcome.LOST)
        at_once([lambda told=told: record_dispute(told=told, actor=system("webhook"), now=now)] * AT_ONCE)
        assert (Dispute.objects.count(), CreditNote.objects.count()) == (number, number)


@pytest.mark.postgresql_only
def test_without_lock_and_constraint_a_dispute_is_credited_several_times(paid, gateway, now, monkeypatch):
    payment = paid()
    told = gateway.dispute(payment.provider_payment_id, amount=share(payment.total, 10))
    told = gateway.close(told.id, DisputeOutcome.LOST)
    without_row_locks(monkeypatch)
    monkeypatch.setattr(Dispute.objects, "create", meeting(Dispute.objects.create, of=2))
    with without_uniqueness((Dispute, "provider_dispute_id")):
        at_once([lambda: record_dispute(told=told, actor=system("webhook"), now=now)] * 2)
        assert (Dispute.objects.count(), CreditNote.objects.count()) == (2, 2)


def test_a_refund_and_a_lost_dispute_at_once_credit_no_more_than_was_billed(paid, refund, gateway, now):
    for number in range(ROUNDS):
        payment = paid(f"Buyer {number}")
        told = gateway.close(gateway.dispute(payment.provider_payment_id).id, DisputeOutcome.LOST)
        at_once(
            [
                lambda told=told: record_dispute(told=told, actor=system("webhook"), now=now),
                lambda payment=payment: refund(payment, payment.total),
            ],
            expect=(RefundError,),
        )
        credited = sum(note.gross for note in payment.invoice.credit_notes.all())
        assert credited == payment.invoice.gross
        assert Order.objects.get(pk=payment.invoice.order_id).state == OrderState.FULFILLED
