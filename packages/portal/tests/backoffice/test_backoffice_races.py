"""The same form confirmed six times at once. What billing people can do twice by an impatient finger, they do once."""

from __future__ import annotations

from threading import Lock

import pytest
from acting import confirm, preview
from django.db import connection
from django.urls import reverse

from keywright_portal.backoffice.acts import transfer
from keywright_portal.billing.models import BankTransfer, CreditNote, Dispute, Payment, Refund
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.handled import Mark
from keywright_portal.orders.services import mark_handled as marking
from racing import AT_ONCE, ROUNDS, at_once, reading, without_row_locks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def confirm_at_once(office):
    """Confirm a page many times at the same moment; where each was sent to."""

    def _confirm(address, **given):
        page = preview(office, address, **given)
        return {response["Location"] for response in at_once([lambda: confirm(office, address, page)] * AT_ONCE)}

    return _confirm


def test_a_refund_that_is_confirmed_many_times_at_once_is_one(confirm_at_once, purchase, gateway, monkeypatch):
    monkeypatch.setattr("keywright_portal.backoffice.acts.refund.gateway", lambda: gateway)
    one_by_one, create = Lock(), gateway.create_refund

    def create_refund(**given):
        # The provider answers the same key with the same refund; the double would have to be asked one after the other.
        with one_by_one:
            return create(**given)

    monkeypatch.setattr(gateway, "create_refund", create_refund)
    address = reverse("admin:billing_payment_refund", args=[Payment.objects.get().pk])
    for number in range(1, ROUNDS + 1):
        assert len(confirm_at_once(address, amount=str(number), reason="Once")) == 1
        assert (Refund.objects.count(), CreditNote.objects.count(), len(gateway.refunds)) == (number, number, number)


def test_a_transfer_that_is_booked_many_times_at_once_is_one(confirm_at_once, place_on_account, buyer):
    invoice = place_on_account(buyer)
    for number in range(1, ROUNDS + 1):
        sent_to = confirm_at_once(
            reverse("admin:billing_banktransfer_receive"),
            bank_reference=f"BANK-{number}",
            amount="10",
            currency="USD",
            reference_text=invoice.number,
            received_on="2026-03-20",
        )
        assert len(sent_to) == 1
        assert (BankTransfer.objects.count(), Payment.objects.count()) == (number, number)


def test_a_transfer_that_is_booked_while_its_page_is_confirmed_again_is_told_as_booked(
    office, place_on_account, buyer, monkeypatch
):
    invoice = place_on_account(buyer)
    address = reverse("admin:billing_banktransfer_receive")
    page = preview(
        office,
        address,
        bank_reference="BANK-1",
        amount="10",
        currency="USD",
        reference_text=invoice.number,
        received_on="2026-03-20",
    )
    named, answers = transfer.invoice_named, []

    def after_the_other(**given):
        # The first finger's form is booked after the second's looked for it, and before it sees what is due.
        if not answers:
            answers.append(None)
            answers.append(confirm(office, address, page))
        return named(**given)

    monkeypatch.setattr(transfer, "invoice_named", after_the_other)
    second = confirm(office, address, page)
    assert second["Location"] == answers[1]["Location"]
    assert (BankTransfer.objects.count(), Payment.objects.count()) == (1, 1)


@pytest.fixture
def dispute(used_purchase) -> Dispute:
    return Dispute.objects.get()


def mark(dispute, now):
    return marking.mark_handled(actor=system("test"), kind=Dispute, subject_id=dispute.pk, mark=Mark.ACCEPTED, now=now)


def test_what_is_noted_many_times_at_once_is_noted_once(dispute, now):
    assert sorted(at_once([lambda: mark(dispute, now)] * AT_ONCE)) == [*[False] * (AT_ONCE - 1), True]
    assert AuditEntry.objects.filter(action="billing.marked").count() == 1


@pytest.mark.postgresql_only
def test_without_the_rows_lock_it_is_noted_more_than_once(dispute, now, monkeypatch):
    without_row_locks(monkeypatch)
    monkeypatch.setattr(marking, "mark_of", reading(marking.mark_of, of=AT_ONCE))
    assert at_once([lambda: mark(dispute, now)] * AT_ONCE).count(True) > 1
    assert connection.vendor == "postgresql"
