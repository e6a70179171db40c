"""A payment that its cardholder calls wrong: an alarm, and what a lost one takes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.billing.models import CreditNote, Dispute, DisputeState, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.payments.gateway import DisputeOutcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def payment(choose, complete, gateway, now) -> Payment:
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
    return Payment.objects.get()


@pytest.fixture
def told(payment, gateway):
    return gateway.dispute(payment.provider_payment_id)


@pytest.fixture
def record(now):
    def _record(told, at=now):
        return record_dispute(told=told, actor=system("webhook"), now=at)

    return _record


def mails():
    return sorted(mail.key.split(":")[-1] for mail in OutboxMail.objects.filter(key__startswith="dispute:"))


def test_a_dispute_alarms_the_vendor_once_and_changes_nothing_else(record, told, payment):
    for _again in range(3):
        record(told)
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.amount, dispute.reason) == (DisputeState.OPEN, payment.amount, "fraudulent")
    assert dispute.opened_at == told.opened_at
    mail = OutboxMail.objects.get(key=f"dispute:{dispute.pk}:opened")
    assert mail.to == "billing@example-software.example"
    assert told.id in mail.text
    assert told.id in mail.html
    assert (CreditNote.objects.count(), License.objects.get().revoked_at) == (0, None)
    assert AuditEntry.objects.filter(action="dispute.opened").count() == 1


def test_a_lost_one_is_credited_and_revokes(record, told, payment, gateway, now):
    record(told)
    later = now + timedelta(days=40)
    for _again in range(2):
        record(gateway.close(told.id, DisputeOutcome.LOST), at=later)
    dispute, note = Dispute.objects.get(), CreditNote.objects.get()
    assert (dispute.state, dispute.closed_at, dispute.credit_note_id) == (DisputeState.LOST, later, note.pk)
    assert note.gross == payment.amount
    assert License.objects.get().revoked_because == "disputed"
    assert mails() == ["closed", "lost", "opened"]
    assert "was revoked" in OutboxMail.objects.get(key=f"dispute:{dispute.pk}:closed").text


def test_a_lost_one_keeps_the_license_where_the_catalog_says_so(record, told, gateway, vendor_says):
    vendor_says(full_refund_revokes=False)
    record(gateway.close(told.id, DisputeOutcome.LOST))
    assert (CreditNote.objects.count(), License.objects.get().revoked_at) == (1, None)


def test_a_won_one_changes_nothing(record, told, gateway):
    record(told)
    record(gateway.close(told.id, DisputeOutcome.WON))
    assert (Dispute.objects.get().state, CreditNote.objects.count()) == (DisputeState.WON, 0)
    assert License.objects.get().revoked_at is None
    assert mails() == ["closed", "opened"]


@pytest.mark.parametrize("end", [DisputeOutcome.WON, DisputeOutcome.LOST])
def test_who_hears_of_the_end_first_gets_to_the_same(record, told, gateway, end):
    """The opening's event comes after the end's; and an answer that was given before changes nothing."""
    record(gateway.close(told.id, end))
    record(told)
    assert Dispute.objects.get().state == end.value
    assert mails() == (["closed", "lost", "opened"] if end is DisputeOutcome.LOST else ["closed", "opened"])


def test_a_part_leaves_the_license(record, payment, gateway):
    told = gateway.dispute(payment.provider_payment_id, amount=Money(5_000, "USD"))
    record(gateway.close(told.id, DisputeOutcome.LOST))
    assert (CreditNote.objects.get().gross, License.objects.get().revoked_at) == (5_000, None)


def test_a_bank_that_takes_more_than_is_left_gets_a_note_for_what_is_left(record, payment, gateway):
    first = gateway.dispute(payment.provider_payment_id, amount=Money(payment.amount - 7, "USD"))
    record(gateway.close(first.id, DisputeOutcome.LOST))
    second = gateway.dispute(payment.provider_payment_id)
    record(gateway.close(second.id, DisputeOutcome.LOST))
    third = gateway.dispute(payment.provider_payment_id)
    assert record(gateway.close(third.id, DisputeOutcome.LOST)).credit_note is None
    assert sorted(note.gross for note in CreditNote.objects.all()) == [7, payment.amount - 7]


def test_a_dispute_of_a_payment_that_is_no_invoices_is_nothing(record, gateway):
    told = gateway.dispute("pi_unknown", amount=Money(5_000, "USD"))
    assert record(told) is None
    assert Dispute.objects.count() == 0
