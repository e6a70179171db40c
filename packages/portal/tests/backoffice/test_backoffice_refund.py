from __future__ import annotations

import pytest
from acting import confirm, errors, happens, hidden, preview, said
from django.urls import reverse

from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.models import CreditNote, Payment, Refund
from keywright_portal.kit.actor import system
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.payments.gateway import RefundOutcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(purchase):
    return Payment.objects.get(provider_payment_id=purchase.intent_id)


@pytest.fixture
def address(payment, gateway, monkeypatch):
    monkeypatch.setattr("keywright_portal.backoffice.acts.refund.gateway", lambda: gateway)
    return reverse("admin:billing_payment_refund", args=[payment.pk])


@pytest.fixture
def billing(office_of):
    return office_of("billing")


def test_all_of_it_is_proposed_and_what_will_happen_is_told_first(billing, address, gateway):
    page = preview(billing, address, reason="Bought twice")
    assert happens(page) == [
        "The payment provider is asked to give $24,480.00 back to Visa ending 4242.",
        "A credit note takes $24,480.00 of invoice INV-2026-0001 back, once the money went.",
        "The license ends: its key can’t be downloaded any more.",
        "The customer gets a mail about it.",
        "$0.00 of this payment can still be refunded afterwards.",
    ]
    assert "Refund $24,480.00</button>" in page.content.decode()
    assert (Refund.objects.count(), gateway.refunds) == (0, {})


def test_confirmed_it_happens(billing, address, payment, gateway):
    response = confirm(billing, address, preview(billing, address, reason="Bought twice"))

    refund = Refund.objects.get()
    assert response["Location"] == detail_url(Refund, refund.pk)
    assert said(billing, response) == ["$24,480.00 went back."]
    assert (refund.payment, refund.amount, refund.state, refund.reason) == (
        payment,
        2_448_000,
        "succeeded",
        "Bought twice",
    )
    assert [told.amount.amount for told in gateway.refunds.values()] == [2_448_000]
    note = CreditNote.objects.get()
    assert (note.gross, note.reason, refund.credit_note) == (2_448_000, "Bought twice", note)
    assert License.objects.get().revoked_at is not None
    asked = AuditEntry.objects.get(action="refund.requested")
    assert (asked.actor_user_id, asked.subject_id) == (refund.requested_by, str(refund.pk))


def test_a_part_keeps_the_license_whatever_was_chosen(billing, address):
    page = preview(billing, address, amount="480.5", reason="Too many users")
    assert happens(page)[1:3] == [
        "A credit note takes $480.50 of invoice INV-2026-0001 back, once the money went.",
        "The license goes on while some of the invoice’s money is left.",
    ]
    confirm(billing, address, page)
    assert (Refund.objects.get().amount, License.objects.get().revoked_at) == (48_050, None)


def test_of_money_that_came_back_no_second_credit_note_is_promised_or_issued(billing, address, gateway, now):
    confirm(billing, address, preview(billing, address, reason="Bought twice"))
    (told,) = gateway.refunds.values()
    settle_refund(
        told=gateway.settle(told.id, RefundOutcome.FAILED, "lost_or_stolen_card"), actor=system("test"), now=now
    )
    page = preview(billing, address, amount="480.50", reason="Bought twice")
    assert happens(page)[1] == (
        "No credit note: it was issued before, for money of invoice INV-2026-0001 that came back."
    )
    confirm(billing, address, page)
    assert CreditNote.objects.count() == 1


def test_the_license_is_kept_where_that_is_chosen(billing, address):
    page = preview(billing, address, reason="Goodwill", revokes_license=None)
    assert happens(page)[2] == "The license goes on."
    confirm(billing, address, page)
    assert License.objects.get().revoked_at is None


def test_sent_twice_it_happens_once_and_both_are_told_the_same(billing, address, gateway):
    page = preview(billing, address, amount="10", reason="Twice")
    first, second = confirm(billing, address, page), confirm(billing, address, page)
    assert first["Location"] == second["Location"]
    assert (Refund.objects.count(), CreditNote.objects.count(), len(gateway.refunds)) == (1, 1, 1)


def test_two_pages_are_two_refunds(billing, address):
    for reason in ("One", "Two"):
        confirm(billing, address, preview(billing, address, amount="10", reason=reason))
    assert Refund.objects.count() == 2


def test_what_changed_in_between_is_shown_again_instead_of_done(billing, address):
    page = preview(billing, address, amount="10", reason="Mine")
    confirm(billing, address, preview(billing, address, amount="1000", reason="A colleague’s"))
    again = confirm(billing, address, page)
    assert "Something changed since you looked" in again.content.decode()
    assert happens(again)[-1] == "$23,470.00 of this payment can still be refunded afterwards."
    assert Refund.objects.count() == 1
    assert said(billing, confirm(billing, address, again)) == ["$10.00 went back."]


def test_what_was_never_shown_is_not_done(billing, address):
    page = preview(billing, address, amount="10", reason="Mine")
    answer = billing.post(address, {**hidden(page), "amount": "20000", "step": "confirm"})
    assert happens(answer)[0] == "The payment provider is asked to give $20,000.00 back to Visa ending 4242."
    assert not Refund.objects.exists()


def test_one_may_go_back_and_change_something(billing, address):
    page = preview(billing, address, amount="10", reason="Mine")
    again = billing.post(address, {**hidden(page), "step": "change"})
    assert 'value="10"' in again.content.decode()
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"amount": "24480.01"}, "amount", "up to $24,480.00, which is what is left"),
        ({"amount": "0"}, "amount", "Enter an amount above nothing"),
        ({"amount": "-5"}, "amount", "Write the amount with a point and without grouping"),
        ({"amount": "1,000.00"}, "amount", "Write the amount with a point and without grouping"),
        ({"amount": "1.005"}, "amount", "USD has 2 digits after the point."),
        ({"reason": ""}, "reason", "This field is required."),
        ({"reason": "x" * 201}, "reason", "at most 200 characters"),
        ({"refund_id": "nothing"}, "refund_id", "Enter a valid UUID."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(billing, address, given, field, sentence):
    found = errors(preview(billing, address, **{"reason": "Why", **given}))
    assert list(found) == [field]
    assert sentence in found[field][0]
    assert not Refund.objects.exists()


def test_where_the_provider_does_not_answer_it_is_on_its_way(billing, address, gateway):
    page = preview(billing, address, amount="10", reason="Lost")
    gateway.fail_next = True
    response = confirm(billing, address, page)
    assert said(billing, response) == ["The refund of $10.00 is on its way. This page tells when it arrived."]
    assert Refund.objects.get().state == "pending"


def test_a_page_of_another_payment_refunds_nothing(billing, address, buy, stranger):
    page = preview(billing, address, amount="10", reason="Mine")
    confirm(billing, address, page)
    other = Payment.objects.get(provider_payment_id=buy(stranger, seats=7).intent_id)
    there = reverse("admin:billing_payment_refund", args=[other.pk])
    found = errors(billing.post(there, {**hidden(page), "step": "confirm"}))
    assert found["__all__"] == ["This page belongs to another payment. Open it again from the payment to refund."]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("role", ["admin", "billing"])
def test_who_moves_money_is_shown_the_way(office_of, address, payment, role):
    client = office_of(role)
    assert f'href="{address}"' in client.get(detail_url(Payment, payment.pk)).content.decode()
    assert client.get(address).status_code == 200


def test_support_moves_none_and_leaves_no_trace(office_of, address, payment, gateway):
    client = office_of("support")
    before = (AuditEntry.objects.count(), OutboxMail.objects.count())
    given = {"refund_id": uuid7(), "amount": "10", "reason": "x", "step": "confirm", "seen": "x"}
    assert address not in client.get(detail_url(Payment, payment.pk)).content.decode()
    assert (client.get(address).status_code, client.post(address, given).status_code) == (403, 403)
    assert (Refund.objects.count(), gateway.refunds) == (0, {})
    assert (AuditEntry.objects.count(), OutboxMail.objects.count()) == before


def test_a_payment_that_is_not_there_is_not_found(billing, gateway):
    assert billing.get(reverse("admin:billing_payment_refund", args=[uuid7()])).status_code == 404
