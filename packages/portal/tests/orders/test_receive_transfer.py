"""Money on the vendor's bank account: exact, short, too much, of nobody known, told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from keywright_portal.billing.models import BankTransfer, Invoice, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.receive_transfer import assign_transfer
from keywright_portal.subscriptions.models import Subscription, Term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def invoice(choose, on_invoice) -> Invoice:
    on_invoice(choose())
    return Invoice.objects.get()


@pytest.fixture
def assign(clerk, now):
    def _assign(transfer, number, *, by=None):
        return assign_transfer(actor=by or clerk, transfer_id=transfer.pk, invoice_number=number, now=now)

    return _assign


def state_of(invoice):
    return Order.objects.get(pk=invoice.order_id).state


def mails(prefix):
    return sorted(OutboxMail.objects.filter(key__startswith=prefix).values_list("key", flat=True))


# ---- Exact -----------------------------------------------------------------------------------------------------------


def test_the_exact_sum_pays_the_invoice_and_the_full_license_supersedes(invoice, receive, now):
    before = list(LicenseFile.objects.all())
    later = now + timedelta(days=20)
    transfer = receive(invoice.total, f"Invoice {invoice.number}, thank you", at=later, on=date(2026, 3, 31))
    invoice.refresh_from_db()
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.invoice_id) == (invoice.gross, "transfer", invoice.pk)
    assert invoice.paid_at == payment.received_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert (transfer.invoice_id, transfer.payment_id, transfer.surplus) == (invoice.pk, payment.pk, 0)
    assert state_of(invoice) == OrderState.FULFILLED
    term = Term.objects.get()
    assert term.starts_at == datetime(2026, 3, 12, tzinfo=UTC)
    in_force = LicenseFile.objects.filter(superseded_at=None)
    assert {file.expires_at for file in in_force} == {term.span.license_expires_at}
    assert not {file.pk for file in before} & {file.pk for file in in_force}
    assert License.objects.count() == 1


def test_the_buyer_is_told_that_it_is_paid_and_where_the_license_is(invoice, receive):
    receive(invoice.total, invoice.number)
    mail = OutboxMail.objects.get(key=f"invoice:{invoice.pk}:paid")
    assert mail.to == "licensing@brightwater.example"
    for part in (mail.text, mail.html):
        assert f"/orders/{invoice.order_id}/license/" in part
        assert "11 March 2027" in part


def test_whoever_placed_the_order_is_told_that_the_license_is_ready(invoice, receive, buyer):
    receive(invoice.total, invoice.number)
    mail = OutboxMail.objects.get(key=f"order:{invoice.order_id}:license-ready")
    assert mail.to == buyer.user.email


def test_who_is_both_is_told_once(choose, on_invoice, receive, buyer):
    order = on_invoice(choose())
    Order.objects.filter(pk=order.pk).update(buyer={**order.buyer, "email": buyer.user.email})
    invoice = Invoice.objects.get()
    receive(invoice.total, invoice.number)
    assert mails(f"order:{order.pk}") == []
    assert mails(f"invoice:{invoice.pk}:paid") == [f"invoice:{invoice.pk}:paid"]


def test_where_the_money_comes_first_the_term_begins_the_day_it_is_booked(
    choose, on_invoice, vendor_says, receive, now
):
    vendor_says(license_before_payment=False)
    on_invoice(choose())
    invoice = Invoice.objects.get()
    receive(invoice.total, invoice.number, at=now + timedelta(days=9))
    assert Term.objects.get().starts_at == datetime(2026, 3, 21, tzinfo=UTC)
    assert (Subscription.objects.count(), License.objects.count()) == (1, 1)


# ---- Short and over --------------------------------------------------------------------------------------------------


def test_a_part_is_kept_and_the_buyer_told_what_is_missing(invoice, receive):
    part = Money(invoice.gross - 12_345, invoice.currency)
    transfer = receive(part, invoice.number)
    invoice.refresh_from_db()
    assert (invoice.paid_at, state_of(invoice), Payment.objects.get().amount) == (None, "invoiced", part.amount)
    mail = OutboxMail.objects.get(key=f"transfer:{transfer.pk}:short")
    assert mail.subject == f"$123.45 of invoice {invoice.number} is missing"
    assert LicenseFile.objects.exclude(superseded_at=None).count() == 0
    receive(Money(12_345, invoice.currency), invoice.number, reference="BANK-2")
    assert state_of(invoice) == OrderState.FULFILLED
    assert sum(payment.amount for payment in Payment.objects.all()) == invoice.gross


def test_what_is_too_much_is_noted_and_told_to_the_vendor(invoice, receive):
    transfer = receive(invoice.total + Money(999, invoice.currency), invoice.number)
    assert (transfer.surplus, Payment.objects.get().amount) == (999, invoice.gross)
    assert state_of(invoice) == OrderState.FULFILLED
    mail = OutboxMail.objects.get(key=f"transfer:{transfer.pk}:over")
    assert (mail.to, "$9.99" in mail.subject) == ("billing@example-software.example", True)


# ---- Of nobody known -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Thanks!", "INV-2026-0099", "INV-2026-00011", "XINV-2026-0001"])
def test_what_names_no_invoice_waits_to_be_assigned(invoice, receive, assign, text):
    transfer = receive(invoice.total, text)
    assert (transfer.invoice, transfer.payment, state_of(invoice)) == (None, None, OrderState.INVOICED)
    for _again in range(2):
        assign(transfer, f" {invoice.number.lower()} ")
    transfer.refresh_from_db()
    assert (transfer.invoice_id, state_of(invoice)) == (invoice.pk, OrderState.FULFILLED)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("write", ["inv 2026 0001", "RE:INV20260001/PO", "inv.2026.0001"])
def test_payers_write_numbers_as_they_like(invoice, receive, write):
    assert receive(invoice.total, write).invoice_id == invoice.pk


def test_an_orders_number_names_its_invoice_too(invoice, receive):
    assert receive(invoice.total, invoice.order_number.replace("-", " ").lower()).invoice_id == invoice.pk


def test_what_names_two_invoices_waits(choose, on_invoice, receive):
    for seats in (5, 6):
        on_invoice(choose(seats=seats))
    first, second = Invoice.objects.order_by("number")
    transfer = receive(first.total + second.total, f"{first.number} {second.number}")
    assert transfer.invoice is None


def test_what_is_in_another_currency_waits_and_cannot_be_assigned(invoice, receive, assign):
    transfer = receive(Money(invoice.gross, "CHF"), invoice.number)
    assert transfer.invoice is None
    with pytest.raises(TransferError) as refused:
        assign(transfer, invoice.number)
    assert (refused.value.field, Payment.objects.count()) == ("invoice_number", 0)


def test_what_is_sent_for_a_paid_invoice_waits(invoice, receive, assign):
    receive(invoice.total, invoice.number)
    again = receive(invoice.total, invoice.number, reference="BANK-2")
    assert again.invoice is None
    with pytest.raises(TransferError) as refused:
        assign(again, invoice.number)
    assert "Nothing is owed" in str(refused.value.message)
    assert Payment.objects.count() == 1


def test_it_is_assigned_to_no_unknown_invoice_and_not_to_two(choose, on_invoice, receive, assign):
    for seats in (5, 6):
        on_invoice(choose(seats=seats))
    first, second = Invoice.objects.order_by("number")
    transfer = receive(first.total)
    with pytest.raises(TransferError):
        assign(transfer, "INV-2026-0099")
    assign(transfer, first.number)
    with pytest.raises(TransferError) as refused:
        assign(transfer, second.number)
    assert first.number in str(refused.value.message)
    assert Payment.objects.get().invoice_id == first.pk


# ---- Twice -----------------------------------------------------------------------------------------------------------


def test_the_same_reference_twice_is_once(invoice, receive):
    part = Money(1_000, invoice.currency)
    first, second = receive(part, invoice.number), receive(part, "typed again", reference="  BANK-1 ")
    assert (first.pk, BankTransfer.objects.count(), Payment.objects.count()) == (second.pk, 1, 1)
    assert AuditEntry.objects.filter(action="transfer.received").count() == 1


@pytest.mark.parametrize("other", [{"amount": Money(1_001, "USD")}, {"on": date(2026, 3, 1)}])
def test_the_same_reference_with_another_sum_or_day_is_refused(invoice, receive, other):
    receive(Money(1_000, "USD"), invoice.number)
    with pytest.raises(TransferError) as refused:
        receive(other.get("amount", Money(1_000, "USD")), invoice.number, on=other.get("on"))
    assert (refused.value.field, Payment.objects.count()) == ("bank_reference", 1)


# ---- What can't be -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"reference": "  "}, "bank_reference"),
        ({"reference": "x" * 141}, "bank_reference"),
        ({"amount": Money(0, "USD")}, "amount"),
        ({"amount": Money(-5, "USD")}, "amount"),
        ({"on": date(2026, 3, 13)}, "received_on"),
    ],
)
def test_what_is_no_transfer_is_refused(receive, catalog, asked, field):
    with pytest.raises(TransferError) as refused:
        receive(asked.pop("amount", Money(1, "USD")), **asked)
    assert (refused.value.field, BankTransfer.objects.count()) == (field, 0)


def test_only_who_moves_the_vendors_money_may_book_it(invoice, receive, assign, buyer):
    support = Actor(user_id=uuid7(), organization_id=None, permissions=frozenset({Permission.VENDOR_SUPPORT}))
    waiting = receive(Money(5, "USD"))
    for actor in (buyer.actor, support):
        with pytest.raises(PermissionDeniedError):
            receive(invoice.total, invoice.number, by=actor, reference="BANK-2")
        with pytest.raises(PermissionDeniedError):
            assign(waiting, invoice.number, by=actor)
    assert (BankTransfer.objects.count(), state_of(invoice)) == (1, OrderState.INVOICED)


def test_there_is_nothing_to_assign_of_no_transfer(clerk, now):
    with pytest.raises(NotFoundError):
        assign_transfer(actor=clerk, transfer_id=uuid7(), invoice_number="INV-2026-0001", now=now)
