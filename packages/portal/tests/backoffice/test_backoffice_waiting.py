from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywright_portal.backoffice.links import list_url
from keywright_portal.backoffice.waiting import waiting
from keywright_portal.billing.models import BankTransfer, Dispute, Invoice, Payment, Refund
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.orders.handled import Mark
from keywright_portal.orders.models import Order
from keywright_portal.orders.services.mark_handled import mark_handled

pytestmark = pytest.mark.django_db


def counts(now):
    return {str(one.what): one.count for one in waiting(now=now)}


def test_what_is_not_done_is_counted_until_it_is(used_purchase, place_on_account, stranger, now):
    invoice = place_on_account(stranger)
    due = invoice.due_at
    Refund.objects.create(payment=Payment.objects.get(), amount=1, currency="USD", state="failed", requested_at=now)
    BankTransfer.objects.create(
        bank_reference="B-2",
        amount=5,
        currency="USD",
        invoice=invoice,
        surplus=2,
        received_on=now.date(),
        created_at=now,
    )
    assert counts(due) == {
        "Disputes to answer": 1,
        "Transfers without an invoice": 1,
        "Transfers of which too much is to be sent back": 1,
        "Refunds that failed": 1,
    }
    assert counts(due + timedelta(seconds=1))["Overdue invoices"] == 1

    actor = system("test")
    for kind, mark in ((Dispute, Mark.EVIDENCE_SENT), (BankTransfer, Mark.SENT_BACK)):
        for key in kind.objects.values_list("pk", flat=True):
            mark_handled(actor=actor, kind=kind, subject_id=key, mark=mark, now=now)
    issue_credit_note(invoice=invoice, gross=invoice.total, reason="Cancelled", actor=actor, now=now)
    assert counts(due + timedelta(days=1)) == {"Refunds that failed": 1}


def test_a_refund_that_failed_waits_until_it_was_asked_for_again(used_purchase, now, office):
    def refund(state, hours):
        return Refund.objects.create(
            payment=Payment.objects.get(),
            amount=1,
            currency="USD",
            state=state,
            requested_at=now + timedelta(hours=hours),
        )

    def listed():
        return list(office.get(list_url(Refund, needs="again")).context["cl"].result_list)

    failed, again = refund("failed", 1), refund("failed", 2)
    assert listed() == [again, failed]
    refund("pending", 3)
    assert listed() == []
    assert counts(now)["Refunds on their way"] == 1
    assert "Refunds that failed" not in counts(now)


def test_an_order_on_hold_waits(purchase, now):
    Order.objects.update(state="on_hold")
    assert counts(now) == {"Orders on hold: another sum came than was asked for": 1}


def test_the_first_page_asks_no_more_than_ten_queries(used_purchase, office_of):
    client = office_of("billing")
    with CaptureQueriesContext(connection) as asked:
        client.get("/backoffice/")
    assert len(asked) <= 10


def test_the_first_page_tells_billing_people_and_nobody_else(used_purchase, office_of):
    pages = {role: office_of(role).get("/backoffice/").content.decode() for role in ("billing", "support")}
    assert f'<a href="{list_url(Dispute, state__exact="open")}">Disputes to answer</a> 1' in pages["billing"]
    assert "Waits for you" not in pages["support"]


def test_where_nothing_waits_it_is_said(office_of, catalog):
    assert "Nothing: no dispute to answer" in office_of("billing").get("/backoffice/").content.decode()


def test_each_count_leads_to_as_many_rows(used_purchase, place_on_account, stranger, office_of, monkeypatch):
    invoice = place_on_account(stranger)
    monkeypatch.setattr(clock, "now", lambda: invoice.due_at + timedelta(days=1))
    client = office_of("billing")
    told = client.get("/backoffice/").context["waiting"]
    assert [str(one.what) for one in told] == ["Disputes to answer", "Transfers without an invoice", "Overdue invoices"]
    assert [len(client.get(one.url).context["cl"].result_list) for one in told] == [one.count for one in told]


def test_invoices_are_listed_by_whether_they_are_paid(purchase, place_on_account, stranger, office, monkeypatch):
    invoice = place_on_account(stranger)

    def listed(standing, at):
        monkeypatch.setattr(clock, "now", lambda: at)
        return [row.number for row in office.get(list_url(Invoice, standing=standing)).context["cl"].result_list]

    assert (
        listed("open", invoice.issued_at) == listed("overdue", invoice.due_at + timedelta(days=1)) == [invoice.number]
    )
    assert listed("paid", invoice.issued_at) == ["INV-2026-0001"]
    assert listed("overdue", invoice.issued_at) == []
