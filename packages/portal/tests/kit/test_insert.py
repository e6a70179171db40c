"""New rows by a statement that is composed once: what is written is what the model would have written."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_q.models import Schedule

from keywright_portal.kit.insert import insert
from keywright_portal.kit.models import AuditEntry, OutboxMail

pytestmark = pytest.mark.django_db


def mail(now, key="a", **more):
    said = {"subject": "Hello 100 %s", "text": "'; DROP TABLE kit_outboxmail; --", "html": "<p>Grüße</p>"}
    return OutboxMail(
        key=key, message_id=f"<{key}@example>", sender="a@b.example", to="c@d.example", created_at=now, **said, **more
    )


def entry(now, action, **more):
    return AuditEntry(at=now, action=action, subject_type="Order", subject_id="1", **more)


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_read_as_it_was_written(now):
    for row in (
        mail(now),
        mail(now, "b", attachment_name="a.pdf", attachment=b"%PDF\x00\xff", organization_id=uuid.uuid4()),
        entry(now, "made", before={"state": None, "sum": [1, "ü"]}, after=None, actor_user_id=uuid.uuid4()),
    ):
        insert(row)
        read = columns(type(row).objects.get(pk=row.pk))
        if read.get("attachment") is not None:
            read["attachment"] = bytes(read["attachment"])
        assert read == columns(row)


def test_many_rows_are_one_statement_and_none_are_none(now):
    insert(entry(now, "first"))
    rows = [entry(now, f"action {number}") for number in range(3)]
    with CaptureQueriesContext(connection) as captured:
        insert(*rows)
        insert()
    assert len(captured) == 1
    assert set(AuditEntry.objects.exclude(action="first")) == set(rows)


def test_what_was_inserted_is_changed_by_save(now):
    row = mail(now)
    insert(row)
    row.subject = "Changed"
    row.save()
    assert [one.subject for one in OutboxMail.objects.all()] == ["Changed"]


def test_a_constraint_refuses_and_undoes_the_transaction(now):
    insert(mail(now))

    @transaction.atomic
    def both():
        insert(entry(now, "before"))
        insert(mail(now))

    with pytest.raises(IntegrityError):
        both()
    assert not AuditEntry.objects.exists()


def test_a_refusal_that_is_swallowed_lets_nothing_else_through(now):
    """As Django's own: on PostgreSQL nothing more is taken, and on SQLite it must be the same."""
    insert(mail(now))

    @transaction.atomic
    def swallow():
        with pytest.raises(IntegrityError):
            insert(mail(now))
        AuditEntry.objects.exists()

    with pytest.raises(transaction.TransactionManagementError):
        swallow()


def test_a_model_whose_key_the_database_makes_is_refused():
    with pytest.raises(ValueError, match="the database makes a value of Schedule itself"):
        insert(Schedule(func="f", name="n"))
