"""Invoices whose transfer doesn't come: three reminders, each once, then the vendor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.billing.models import Invoice
from keywright_portal.domain.money import Money
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.services.remind_overdue import remind_overdue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def invoice(choose, on_invoice) -> Invoice:
    on_invoice(choose())
    return Invoice.objects.get()


def keys(invoice):
    start = f"invoice:{invoice.pk}:overdue:"
    return [
        mail.key.removeprefix(start)
        for mail in OutboxMail.objects.filter(key__startswith=start).order_by("created_at", "key")
    ]


def test_each_reminder_goes_out_once_at_its_day_then_the_vendor_is_told(invoice):
    sent = {}
    for day in range(-1, 45):
        for _again in range(2):
            if count := remind_overdue(now=invoice.due_at + timedelta(days=day)):
                sent[day] = sent.get(day, 0) + count
    assert sent == {3: 1, 10: 1, 20: 1, 30: 1}
    assert keys(invoice) == ["3", "10", "20", "vendor"]
    to = [mail.to for mail in OutboxMail.objects.filter(key__contains=":overdue:").order_by("created_at", "key")]
    assert to == ["licensing@brightwater.example"] * 3 + ["billing@example-software.example"]


def test_after_a_while_without_a_worker_only_the_latest_is_sent(invoice):
    assert remind_overdue(now=invoice.due_at + timedelta(days=12)) == 1
    assert keys(invoice) == ["10"]


def test_a_reminder_names_what_is_still_missing_and_where_it_goes(invoice, receive, now):
    receive(Money(invoice.gross - 5_000, invoice.currency), invoice.number)
    remind_overdue(now=invoice.due_at + timedelta(days=3))
    mail = OutboxMail.objects.get(key=f"invoice:{invoice.pk}:overdue:3")
    assert mail.subject == f"Invoice {invoice.number} is overdue: $50.00"
    for part in (mail.text, mail.html):
        assert "3 days ago" in part
        assert "11 April 2026" in part
        assert "IBAN" in part


def test_what_is_paid_is_reminded_of_no_more(invoice, receive):
    remind_overdue(now=invoice.due_at + timedelta(days=3))
    receive(invoice.total, invoice.number)
    assert remind_overdue(now=invoice.due_at + timedelta(days=10)) == 0
    assert keys(invoice) == ["3"]


def test_the_license_is_not_extended(invoice):
    before = set(LicenseFile.objects.values_list("pk", "expires_at"))
    for day in (3, 10, 20, 30):
        remind_overdue(now=invoice.due_at + timedelta(days=day))
    assert set(LicenseFile.objects.values_list("pk", "expires_at")) == before
    assert all(expires < invoice.due_at + timedelta(days=20) for _pk, expires in before)
