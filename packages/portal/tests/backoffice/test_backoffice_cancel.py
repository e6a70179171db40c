from __future__ import annotations

import pytest
from acting import confirm, errors, happens, preview, said
from django.urls import reverse

from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.models import CreditNote, Invoice
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License
from keywright_portal.orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(office_of):
    return office_of("billing")


@pytest.fixture
def invoice(place_on_account, buyer) -> Invoice:
    return place_on_account(buyer)


@pytest.fixture
def address(invoice):
    return reverse("admin:billing_invoice_cancel", args=[invoice.pk])


def test_an_invoice_that_nobody_pays_is_cancelled(billing, invoice, address):
    order = Order.objects.get(pk=invoice.order_id)
    assert f'href="{address}"' in billing.get(detail_url(Invoice, invoice.pk)).content.decode()
    page = preview(billing, address, reason="Not wanted any more")
    assert happens(page) == [
        "A credit note takes all of invoice INV-2026-0001 back: $390.00.",
        f"Order {order.number} is discarded. A coupon that it used can be used again.",
        "The license that came before the money ends: its key can’t be downloaded any more.",
        "The customer gets a mail about it.",
    ]
    assert not CreditNote.objects.exists()

    answers = [confirm(billing, address, page) for _ in range(2)]

    note = CreditNote.objects.get()
    assert {answer["Location"] for answer in answers} == {detail_url(CreditNote, note.pk)}
    assert said(billing, answers[0])[0] == "Invoice INV-2026-0001 is cancelled."
    assert (note.gross, note.reason) == (39_000, "Not wanted any more")
    assert License.objects.get().revoked_because == "cancelled"
    order.refresh_from_db()
    assert order.state == "discarded"
    assert AuditEntry.objects.get(action="order.cancelled").actor_user_id is not None
    assert address not in billing.get(detail_url(Invoice, invoice.pk)).content.decode()


def test_where_there_is_no_license_yet_none_ends(billing, place_on_account, buyer):
    invoice = place_on_account(buyer, license_before_payment=False)
    page = preview(billing, reverse("admin:billing_invoice_cancel", args=[invoice.pk]), reason="x")
    assert not [sentence for sentence in happens(page) if "license" in sentence]


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("100", "A part of this invoice was paid. Give that back first, then cancel the invoice."),
        ("390", "This invoice was paid. To give its money back, refund its payment."),
    ],
)
def test_what_was_paid_is_not_cancelled(billing, invoice, address, amount, sentence):
    receive = reverse("admin:billing_banktransfer_receive")
    line = {"bank_reference": "B", "amount": amount, "currency": "USD", "reference_text": invoice.number}
    confirm(billing, receive, preview(billing, receive, **line, received_on="2026-03-20"))
    assert errors(preview(billing, address, reason="x")) == {"__all__": [sentence]}
    assert not CreditNote.objects.exists()


def test_support_cancels_nothing(office_of, invoice, address):
    support = office_of("support")
    assert address not in support.get(detail_url(Invoice, invoice.pk)).content.decode()
    assert support.post(address, {"reason": "x", "step": "confirm", "seen": "x"}).status_code == 403
    assert not CreditNote.objects.exists()


def test_a_reason_is_asked_for(billing, invoice, address):
    assert errors(preview(billing, address, reason="")) == {"reason": ["This field is required."]}
