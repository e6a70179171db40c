from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from invoicing import line, without_triggers
from keywright_portal.billing.models import Invoice, InvoiceNumberSeries, Payment
from keywright_portal.billing.services import issue_invoice as issuing
from keywright_portal.kit.models import AuditEntry
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_uniqueness

# ---- What it says ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_invoice_adds_up_line_by_line(issue, now):
    invoice = issue(line(200, 10_200), line(200, 2_040), line(1, 150_000), purchase_order="PO-7")
    assert (invoice.number, invoice.net, invoice.tax, invoice.gross) == ("INV-2026-0001", 2_598_000, 0, 2_598_000)
    assert [(row.position, row.quantity, row.unit_amount, row.net, row.gross) for row in invoice.lines.all()] == [
        (1, 200, 10_200, 2_040_000, 2_040_000),
        (2, 200, 2_040, 408_000, 408_000),
        (3, 1, 150_000, 150_000, 150_000),
    ]
    assert (invoice.issued_at, invoice.due_at, invoice.paid_at) == (now, now + timedelta(days=30), None)
    assert AuditEntry.objects.get(action="invoice.issued").after["number"] == "INV-2026-0001"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("quantity", "unit", "basis_points", "tax"),
    [
        (1, 100, 1_900, 19),
        (3, 333, 1_900, 190),
        (1, 50, 100, 1),
        (1, 49, 100, 0),
        (7, 10_200, 2_125, 15_173),
        (1, 1, 0, 0),
    ],
)
def test_tax_is_rounded_line_by_line_half_up(issue, quantity, unit, basis_points, tax):
    row = issue(line(quantity, unit, basis_points)).lines.get()
    assert row.tax == tax == int(Fraction(quantity * unit * basis_points, 10_000) + Fraction(1, 2))
    assert (row.tax_basis_points, row.gross) == (basis_points, row.net + tax)


@pytest.mark.django_db
def test_the_sum_of_the_taxes_is_the_tax(issue):
    """Two halves, each rounded up, are more than the half of the sum would be."""
    invoice = issue(line(1, 50, 100), line(1, 50, 100))
    assert (invoice.net, invoice.tax, invoice.gross) == (100, 2, 102)


@pytest.mark.django_db
def test_the_largest_invoice_is_kept_to_the_cent(issue):
    invoice = issue(line(2_147_483_647, 10_200), line(2_147_483_647, 2_040))
    invoice.refresh_from_db()
    assert invoice.gross == 26_285_199_839_280


@pytest.mark.django_db
def test_money_received_pays_it(issue, now):
    invoice = issue(paid=True)
    payment = Payment.objects.get()
    assert (invoice.paid_at, payment.invoice, payment.amount, payment.card_last4) == (now, invoice, 2_040_000, "4242")


@pytest.mark.django_db
def test_a_movement_of_money_is_told_once(issue):
    invoice = issue(paid=True)
    payment = Payment.objects.get()
    payment.pk = uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(force_insert=True)
    assert invoice.payments.count() == 1


# ---- What it can't say -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_order_has_one_invoice(issue):
    order_id = uuid.uuid4()
    first = issue(order_id=order_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        issue(order_id=order_id)
    assert Invoice.objects.get() == first
    assert issue().number == "INV-2026-0002"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"gross": -1}, {"net": 1}, {"tax": 1}])
def test_a_sum_that_does_not_add_up_is_refused_by_the_database(issue, wrong):
    invoice, empty = issue(), issue(line(1, 100))
    line_of_it = invoice.lines.get()
    for row, anew in ((invoice, {"number": "INV-9", "order_id": uuid.uuid4()}), (line_of_it, {"invoice": empty})):
        row.pk = uuid.uuid4()
        for name, value in {**anew, "position": 2, "gross": 0, "net": 0, "tax": 0, "quantity": 0, **wrong}.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match="adds_up"), transaction.atomic():
            row.save(force_insert=True)


@pytest.mark.django_db
def test_an_organization_with_invoices_cannot_be_deleted_from_under_them(issue, buyer):
    issue()
    with pytest.raises(ProtectedError):
        buyer.organization.delete()
    assert Invoice.objects.count() == 1


# ---- Its number ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_numbers_begin_anew_each_year_of_utc(issue):
    instants = [
        datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 1, tzinfo=UTC),
    ]
    assert [issue(at=at).number for at in instants] == ["INV-2026-0001", "INV-2027-0001", "INV-2027-0002"]


@pytest.mark.django_db
def test_a_year_may_have_more_than_four_digits_hold(issue):
    InvoiceNumberSeries.objects.create(year=2026, next_number=9_999)
    assert [issue().number, issue().number] == ["INV-2026-9999", "INV-2026-10000"]


def numbers():
    return sorted(Invoice.objects.values_list("number", flat=True))


def in_transactions(issue, *, undo_every=3):
    """Calls that issue an invoice in a transaction of their own; each third is rolled back."""

    def call(place):
        with transaction.atomic():
            invoice = issue()
            if place % undo_every == 0:
                transaction.set_rollback(True)
                return None
        return invoice.number

    return [lambda place=place: call(place) for place in range(AT_ONCE)]


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_have_no_gap_and_come_once_also_when_some_are_undone(issue):
    kept = 0
    for _ in range(ROUNDS):
        kept += sum(number is not None for number in at_once(in_transactions(issue)))
        assert numbers() == [f"INV-2026-{number:04d}" for number in range(1, kept + 1)]


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_a_number_that_is_read_and_written_back_comes_twice(issue, monkeypatch):
    having_read = meeting(lambda number: number, of=2)

    def read_then_write(*, series, prefix, year):
        number = having_read(InvoiceNumberSeries.objects.get(year=year).next_number)
        InvoiceNumberSeries.objects.filter(year=year).update(next_number=number + 1)
        return f"{prefix}-{year}-{number:04d}"

    InvoiceNumberSeries.objects.create(year=2026)
    monkeypatch.setattr(issuing, "take_number", read_then_write)
    with without_triggers(InvoiceNumberSeries), without_uniqueness((Invoice, "number")):
        at_once([issue] * 2)
        assert numbers() == ["INV-2026-0001"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_number_that_does_not_come_back_with_its_transaction_leaves_a_gap(issue, monkeypatch):
    taken = iter(range(1, 100))
    monkeypatch.setattr(issuing, "take_number", lambda prefix, year, **_series: f"{prefix}-{year}-{next(taken):04d}")
    for call in in_transactions(issue):  # one after the other: where the undone ones come last there is no gap
        call()
    assert numbers() != [f"INV-2026-{number:04d}" for number in range(1, len(numbers()) + 1)]
