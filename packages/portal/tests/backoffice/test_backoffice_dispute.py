from __future__ import annotations

import pytest
from acting import confirm, errors, happens, preview, said
from django.urls import reverse

from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.models import BankTransfer, Dispute
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.handled import Mark, mark_of, marked
from keywright_portal.orders.services.mark_handled import mark_handled
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.payments.gateway import DisputeOutcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(office_of):
    return office_of("billing")


@pytest.fixture
def dispute(used_purchase) -> Dispute:
    return Dispute.objects.get()


@pytest.fixture
def address(dispute):
    return reverse("admin:billing_dispute_mark", args=[dispute.pk])


def test_what_was_answered_is_noted_for_colleagues(billing, dispute, address):
    page = billing.get(detail_url(Dispute, dispute.pk)).content.decode()
    assert f'href="{address}"' in page
    told = preview(billing, address, mark="evidence_sent")
    assert happens(told) == [
        f"It is noted for {dispute.provider_dispute_id}: Evidence was sent to the bank.",
        "The bank decides. Its answer comes by itself: won, nothing changes; lost, a credit note.",
        "Nothing is sent or moved by this.",
    ]
    assert said(billing, confirm(billing, address, told)) == ["Noted: Evidence was sent to the bank."]
    assert "Evidence was sent to the bank" in billing.get(detail_url(Dispute, dispute.pk)).content.decode()
    assert Dispute.objects.get().state == "open"


def test_the_last_mark_counts_and_each_is_kept(billing, dispute, address):
    for mark in ("evidence_sent", "accepted", "accepted"):
        page = preview(billing, address, mark=mark)
        if page.status_code == 200:
            confirm(billing, address, page)
    entries = AuditEntry.objects.filter(action="billing.marked").order_by("at", "pk")
    assert [(entry.before, entry.after) for entry in entries] == [
        ({"mark": None}, {"mark": "evidence_sent"}),
        ({"mark": "evidence_sent"}, {"mark": "accepted"}),
    ]
    assert (mark_of(dispute.pk), marked([dispute.pk, uuid7()])) == (Mark.ACCEPTED, {dispute.pk})


def test_a_closed_dispute_takes_no_mark(billing, dispute, address, gateway, now):
    told = gateway.close(dispute.provider_dispute_id, DisputeOutcome.WON)
    record_dispute(told=told, actor=system("webhook"), now=now)
    assert address not in billing.get(detail_url(Dispute, dispute.pk)).content.decode()
    page = preview(billing, address, mark="accepted")
    found = errors(confirm(billing, address, page))
    assert found["__all__"] == ["There is nothing to note any more: it is closed, or booked in whole."]
    assert mark_of(dispute.pk) is None


def test_support_reads_disputes_and_notes_nothing(office_of, dispute, address):
    support = office_of("support")
    assert address not in support.get(detail_url(Dispute, dispute.pk)).content.decode()
    assert support.post(address, {"mark": "accepted", "step": "confirm", "seen": "x"}).status_code == 403
    assert mark_of(dispute.pk) is None


def test_the_service_checks_for_itself(dispute, now):
    clerk = Actor(user_id=uuid7(), organization_id=None, permissions=frozenset({Permission.VENDOR_BILLING}))
    nobody = Actor(user_id=uuid7(), organization_id=None)
    given = {"kind": Dispute, "subject_id": dispute.pk, "mark": Mark.ACCEPTED, "now": now}
    with pytest.raises(PermissionDeniedError):
        mark_handled(actor=nobody, **given)
    with pytest.raises(NotFoundError):
        mark_handled(actor=clerk, **{**given, "subject_id": uuid7()})
    with pytest.raises(ValueError, match="no mark of a Dispute"):
        mark_handled(actor=clerk, **{**given, "mark": Mark.SENT_BACK})
    assert mark_of(dispute.pk) is None
    assert [mark_handled(actor=clerk, **given) for _ in range(2)] == [True, False]


def test_a_transfer_that_is_booked_in_whole_takes_no_mark(place_on_account, buyer, billing, now):
    invoice = place_on_account(buyer)
    receive = reverse("admin:billing_banktransfer_receive")
    line = {"bank_reference": "B", "amount": "390", "currency": "USD", "reference_text": invoice.number}
    confirm(billing, receive, preview(billing, receive, **line, received_on="2026-03-20"))
    transfer = BankTransfer.objects.get()
    with pytest.raises(TransferError):
        mark_handled(actor=system("test"), kind=BankTransfer, subject_id=transfer.pk, mark=Mark.SENT_BACK, now=now)
