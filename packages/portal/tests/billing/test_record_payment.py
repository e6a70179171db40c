from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from invoicing import without_triggers
from keywright_portal.billing.balances import Balance, balance, balances
from keywright_portal.billing.errors import PaymentExceedsInvoiceError
from keywright_portal.billing.models import Dispute, DisputeState, Invoice, Payment, Refund, RefundState
from keywright_portal.billing.services import record_payment as recording
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from racing import AT_ONCE, ROUNDS, at_once, reading, without_row_locks, without_uniqueness

GROSS = 2_040_000


def transfer(amount, *, reference=None, currency="USD", at=None):
    return MoneyReceived(
        provider_payment_id=f"transfer:{reference or uuid.uuid4()}",
        amount=Money(amount, currency),
        method="transfer",
        received_at=at,
    )


@pytest.fixture
def record(now):
    def _record(invoice, received, at=now):
        with transaction.atomic():
            return record_payment(invoice=invoice, received=received, actor=system("test"), now=at)

    return _record


@pytest.mark.django_db
def test_parts_pay_an_invoice_once_they_reach_its_total(issue, record, now):
    invoice = issue()
    first = record(invoice, transfer(GROSS - 1, at=now + timedelta(days=3)))
    invoice.refresh_from_db()
    assert (invoice.paid_at, balance(invoice).due, first.position) == (None, 1, 1)
    last = record(invoice, transfer(1, at=now + timedelta(days=5)), at=now + timedelta(days=6))
    invoice.refresh_from_db()
    assert (invoice.paid_at, balance(invoice).due, last.position) == (now + timedelta(days=5), 0, 2)
    assert [entry.after["paid"] for entry in AuditEntry.objects.filter(action="payment.recorded")] == [False, True]
    assert (last.method, last.received_at) == ("transfer", now + timedelta(days=5))


@pytest.mark.django_db
def test_the_same_movement_told_again_is_the_same_payment(issue, record):
    invoice = issue()
    received = transfer(GROSS, reference="B-1")
    assert record(invoice, received) == record(invoice, received)
    assert (Payment.objects.count(), AuditEntry.objects.filter(action="payment.recorded").count()) == (1, 1)


@pytest.mark.django_db
def test_one_movement_never_pays_two_invoices(issue, record):
    first, second = issue(), issue()
    record(first, transfer(100, reference="B-1"))
    with pytest.raises(IntegrityError):
        record(second, transfer(100, reference="B-1"))
    assert Payment.objects.get().invoice == first


@pytest.mark.django_db
@pytest.mark.parametrize(("amount", "currency"), [(GROSS + 1, "USD"), (0, "USD"), (-1, "USD"), (GROSS, "EUR")])
def test_what_is_not_owed_is_refused_and_nothing_is_written(issue, record, amount, currency):
    invoice = issue()
    with pytest.raises(PaymentExceedsInvoiceError, match="INV-2026-0001"):
        record(invoice, transfer(amount, currency=currency))
    assert (Payment.objects.count(), balance(invoice).due) == (0, GROSS)


@pytest.mark.django_db
def test_a_paid_invoice_takes_no_more(issue, record):
    with pytest.raises(PaymentExceedsInvoiceError):
        record(issue(paid=True), transfer(1))


@pytest.mark.django_db
def test_money_with_the_invoice_is_its_total(issue, now):
    with pytest.raises(ValueError, match="is the invoice's total"):
        issue(received=transfer(GROSS - 1))
    assert Invoice.objects.count() == 0


# ---- Balances --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_balance_is_what_came_less_what_went_back(issue, now):
    invoice = issue(paid=True)
    payment = invoice.payments.get()
    issue_credit_note(invoice=invoice, gross=Money(50_000, "USD"), reason="", actor=system("test"), now=now)
    for amount, state in ((30_000, RefundState.SUCCEEDED), (7, RefundState.FAILED), (9, RefundState.PENDING)):
        Refund.objects.create(payment=payment, amount=amount, currency="USD", state=state, requested_at=now)
    for number, (amount, state) in enumerate(((11, DisputeState.OPEN), (13, DisputeState.WON), (5, DisputeState.LOST))):
        Dispute.objects.create(
            provider_dispute_id=f"dp_{number}",
            payment=payment,
            amount=amount,
            currency="USD",
            state=state,
            opened_at=now,
        )
    found = balance(invoice)
    assert found == Balance(gross=GROSS, paid=GROSS, returned=30_005, credited=50_000)
    assert (found.kept, found.due, found.excess) == (GROSS - 30_005, 0, 19_995)


@pytest.mark.django_db
def test_an_invoice_that_was_taken_back_is_owed_nothing(issue, now):
    invoice = issue()
    issue_credit_note(invoice=invoice, gross=invoice.total, reason="", actor=system("test"), now=now)
    assert (balance(invoice).due, balance(invoice).excess) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 7])
def test_balances_cost_the_same_for_one_and_for_many(issue, django_assert_num_queries, many):
    invoices = [issue(paid=number % 2 == 0) for number in range(many)]
    with django_assert_num_queries(4):
        found = balances(invoices)
    assert [found[invoice.pk].due for invoice in invoices] == [GROSS * (n % 2) for n in range(many)]


def test_no_invoice_has_no_balance():
    assert balances([]) == {}


# ---- At once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_transfers_at_once_never_pay_more_than_is_owed(issue, record):
    for _ in range(ROUNDS):
        invoice = issue()
        outcomes = at_once(
            [partial(record, invoice, transfer(GROSS // 2)) for _ in range(AT_ONCE)],
            expect=(PaymentExceedsInvoiceError,),
        )
        invoice.refresh_from_db()
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Payment"] * 2 + [
            "PaymentExceedsInvoiceError"
        ] * (AT_ONCE - 2)
        assert (balance(invoice).paid, invoice.paid_at is not None) == (GROSS, True)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_invoices_lock_more_is_taken_than_is_owed(issue, record, monkeypatch):
    invoice = issue()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(recording, "balance", reading(recording.balance, of=2))
    with without_triggers(Invoice), without_uniqueness((Payment, "position")):
        at_once([lambda: record(invoice, transfer(GROSS))] * 2)
        assert balance(invoice).paid == 2 * GROSS
