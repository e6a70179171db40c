"""The database refuses it, whoever asks: every column of every table that was issued or received."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from invoicing import line
from keywright_portal.billing.immutable import MAY_CHANGE, SERIES, SET_ONCE
from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    InvoiceNumberSeries,
    Payment,
    Refund,
)
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.billing.services.issue_receipt import issue_receipt
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system

pytestmark = pytest.mark.django_db

OTHER = {
    models.UUIDField: uuid.UUID(int=7),
    models.ForeignKey: uuid.UUID(int=7),
    models.CharField: "XX",
    models.BigIntegerField: 7,
    models.PositiveIntegerField: 7,
    models.BooleanField: True,
    models.JSONField: {"name": "Other"},
    models.DateTimeField: datetime(2030, 1, 1, tzinfo=UTC),
    models.DateField: date(2030, 1, 1),
    models.BinaryField: b"other",
}


@pytest.fixture
def rows(issue, now):
    """One row of each."""
    invoice = issue(line(200, 10_200, 1_900), paid=True)
    payment = invoice.payments.get()
    issue_receipt(payment=payment, now=now)
    issue_credit_note(invoice=invoice, gross=Money(10_000, "USD"), reason="r", actor=system("test"), now=now)
    Refund.objects.create(payment=payment, amount=10_000, currency="USD", requested_at=now)
    BankTransfer.objects.create(
        bank_reference="B-1", amount=500, currency="USD", received_on=now.date(), created_at=now
    )
    return invoice


def columns(model):
    return apps.get_model("billing", model)._meta.local_concrete_fields


def other_value(field):
    if isinstance(field, models.OneToOneField):
        return uuid.UUID(int=7)
    return next(value for kind, value in OTHER.items() if isinstance(field, kind))


FROZEN = [
    (name, field.column) for name, free in MAY_CHANGE.items() for field in columns(name) if field.column not in free
]


@pytest.mark.parametrize(("name", "column"), FROZEN)
def test_a_column_that_was_written_stays(rows, name, column):
    model = apps.get_model("billing", name)
    field = next(one for one in columns(name) if one.column == column)
    before = list(model.objects.values())
    value = field.get_db_prep_save(other_value(field), connection)
    change = f"UPDATE {model._meta.db_table} SET {column} = %s"
    refused = pytest.raises(IntegrityError, match=f"{name} rows never change")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [value])
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("name", [*MAY_CHANGE, *SERIES])
def test_a_row_is_never_deleted(rows, name):
    table = apps.get_model("billing", name)._meta.db_table
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert apps.get_model("billing", name).objects.count() == 1


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, free in SET_ONCE.items() for column in free])
def test_what_is_set_once_stays(issue, now, name, column):
    invoice = issue()
    Invoice.objects.filter(pk=invoice.pk).update(**{column: now})
    for value in (None, datetime(2030, 1, 1, tzinfo=UTC)):
        with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**{column: value})
    invoice.refresh_from_db()
    assert getattr(invoice, column) == now


def test_what_may_change_changes(rows, now):
    Refund.objects.update(state="succeeded", provider_refund_id="re_1", settled_at=now)
    BankTransfer.objects.update(invoice=rows, payment=Payment.objects.get(), surplus=7)
    assert (Refund.objects.get().state, BankTransfer.objects.get().surplus) == ("succeeded", 7)


def test_writing_the_same_again_is_no_change(rows):
    refund = Refund.objects.get()
    refund.failure = "declined"
    refund.save()
    assert Refund.objects.get().failure == "declined"


@pytest.mark.parametrize("by", [-1, 0, 2])
def test_a_series_goes_up_by_one(rows, by):
    with pytest.raises(IntegrityError, match="goes up by one"), transaction.atomic():
        InvoiceNumberSeries.objects.update(next_number=models.F("next_number") + by)
    assert InvoiceNumberSeries.objects.get().next_number == 2


def test_no_line_is_added_to_an_invoice_or_a_credit_note(rows):
    for model, key in ((InvoiceLine, "invoice"), (CreditNoteLine, "credit_note")):
        copy = model.objects.get()
        copy.pk, copy.position = uuid.uuid4(), 9
        with pytest.raises(IntegrityError, match=f"{model.__name__} rows add up to their"), transaction.atomic():
            copy.save(force_insert=True)
        assert model.objects.filter(**{key: getattr(copy, key)}).count() == 1


def test_credit_notes_never_take_back_more_than_was_billed(rows):
    copy = CreditNote.objects.get()
    copy.pk, copy.number = uuid.uuid4(), "CN-2026-0009"
    copy.gross = rows.gross - 9_999
    copy.net = copy.gross - copy.tax
    with pytest.raises(IntegrityError, match="CreditNote rows add up to their Invoice at most"), transaction.atomic():
        copy.save(force_insert=True)
    copy.gross -= 1
    copy.net -= 1
    copy.save(force_insert=True)
    assert CreditNote.objects.count() == 2
