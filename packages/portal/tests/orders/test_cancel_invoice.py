"""An order whose transfer will not come: taken back in whole, once."""

from __future__ import annotations

import pytest

from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import CreditNote, Invoice, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.errors import InvalidTransitionError, NotFoundError, PermissionDeniedError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.models import Order, OrderState, PaymentProblem
from keywright_portal.orders.services.cancel_invoice import cancel_invoice
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.refund import request_refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def invoice(choose, on_invoice) -> Invoice:
    on_invoice(choose())
    return Invoice.objects.get()


@pytest.fixture
def cancel(clerk, now):
    def _cancel(invoice_id, reason="The buyer has no budget", by=None):
        return cancel_invoice(actor=by or clerk, invoice_id=invoice_id, reason=reason, now=now)

    return _cancel


def test_the_invoice_is_credited_the_license_revoked_and_the_buyer_told_once(invoice, cancel, now):
    notes = {cancel(invoice.pk).pk for _again in range(2)}
    note = CreditNote.objects.get()
    assert (notes, note.gross, note.reason) == ({note.pk}, invoice.gross, "The buyer has no budget")
    assert Order.objects.get().state == OrderState.DISCARDED
    assert balance(invoice).due == 0
    assert (License.objects.get().revoked_at, License.objects.get().revoked_because) == (now, "cancelled")
    mail = OutboxMail.objects.get(key=f"invoice:{invoice.pk}:cancelled")
    for part in (mail.text, mail.html):
        assert note.number in part
        assert "was revoked" in part


def test_a_part_that_came_goes_back_first_and_is_owed_again(*, invoice, cancel, receive, clerk, gateway, now):
    receive(Money(5_000, invoice.currency), invoice.number)
    with pytest.raises(TransferError):
        cancel(invoice.pk)
    request_refund(
        actor=clerk,
        refund_id=uuid7(),
        payment_id=Payment.objects.get().pk,
        amount=Money(5_000, invoice.currency),
        reason="The buyer has no budget",
        revokes_license=True,
        gateway=gateway,
        now=now,
    )
    assert (CreditNote.objects.count(), balance(invoice).due) == (0, invoice.gross)
    assert License.objects.get().revoked_at is None
    assert "is owed again" in OutboxMail.objects.get(key__endswith=":made").text
    assert gateway.asked == []
    assert cancel(invoice.pk).gross == invoice.gross


def test_what_is_paid_is_refunded_and_not_cancelled(invoice, cancel, receive):
    receive(invoice.total, invoice.number)
    with pytest.raises(InvalidTransitionError):
        cancel(invoice.pk)
    assert (CreditNote.objects.count(), License.objects.get().revoked_at) == (0, None)


def test_money_that_comes_after_it_was_cancelled_waits(invoice, cancel, receive):
    cancel(invoice.pk)
    assert receive(invoice.total, invoice.number).invoice is None
    assert Order.objects.get().state == OrderState.DISCARDED


def test_it_is_asked_why_and_by_whom(invoice, cancel, buyer):
    with pytest.raises(TransferError) as refused:
        cancel(invoice.pk, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(PermissionDeniedError):
        cancel(invoice.pk, by=buyer.actor)
    with pytest.raises(NotFoundError):
        cancel(uuid7())
    assert (Order.objects.get().state, CreditNote.objects.count()) == (OrderState.INVOICED, 0)


def test_a_card_charged_although_all_was_cancelled_is_held_for_the_vendor(
    *, choose, complete, on_invoice, cancel, gateway, clerk, now
):
    order = choose()
    intent = complete(order)
    on_invoice(order)
    cancel(Invoice.objects.get().pk)
    gateway.pay(intent.id)
    for _again in range(2):
        held = fulfil_intent(intent_id=intent.id, gateway=gateway, actor=clerk, now=now)
    assert (held.state, Payment.objects.count(), Invoice.objects.count()) == (OrderState.ON_HOLD, 0, 1)
    assert PaymentProblem.objects.get().code == "payment_mismatch"
