"""Acting on what the provider says of a refund, whoever began it: any number of times, in any order, one result."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_portal.billing.models import CreditNote, Invoice, Payment, Refund, RefundState
from keywright_portal.catalog import selectors as catalog
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import reference
from keywright_portal.licensing.services.revoke import RevokedBecause
from keywright_portal.orders.models import PaymentProblem
from keywright_portal.orders.services import announce_return
from keywright_portal.orders.services.credit_back import credit_back
from keywright_portal.payments.gateway import ProviderRefund, RefundOutcome

REFUND_FAILED: Final = "refund_failed"
"""The code of the problem under whose reference a refund that failed is found."""
TRANSITIONS: Final[dict[tuple[RefundState, RefundOutcome], RefundState]] = {
    (RefundState.PENDING, RefundOutcome.SUCCEEDED): RefundState.SUCCEEDED,
    (RefundState.PENDING, RefundOutcome.FAILED): RefundState.FAILED,
    # A bank may send the money back days after it was given: the account is closed, say.
    (RefundState.SUCCEEDED, RefundOutcome.FAILED): RefundState.FAILED,
}
"""What isn't here changes nothing: it was known before, or it was asked before what is known now."""


def settle_refund(*, told: ProviderRefund, actor: Actor, now: datetime) -> Refund | None:
    """The refund as it is afterwards; None where its payment is on no invoice of ours.

    One that was begun at the provider's own pages gets a row here. Its license is revoked or kept as the vendor's
    catalog says for a full refund.
    """
    payment = Payment.objects.filter(provider_payment_id=told.intent_id).first()
    if payment is None:
        return None
    with transaction.atomic():
        invoice = _lock(payment.invoice_id)
        refund = _row(payment, told=told, now=now)
        _act(refund, invoice=invoice, outcome=told.outcome, failure=told.failure, actor=actor, now=now)
    return refund


def conclude(*, refund_id: uuid.UUID, outcome: RefundOutcome, failure: str, actor: Actor, now: datetime) -> Refund:
    """Settle a refund of which there is nothing to ask: the provider refused it, or the vendor's own bank made it."""
    with transaction.atomic():
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        invoice = _lock(refund.payment.invoice_id)
        refund.refresh_from_db()
        _act(refund, invoice=invoice, outcome=outcome, failure=failure, actor=actor, now=now)
    return refund


def _lock(invoice_id: uuid.UUID) -> Invoice:
    invoices = Invoice.objects.select_for_update(of=("self",)).defer("pdf").select_related("organization")
    return invoices.order_by("pk").get(pk=invoice_id)


def _row(payment: Payment, *, told: ProviderRefund, now: datetime) -> Refund:
    """The row of what the provider tells; under the invoice's lock, so that two who are told at once make one."""
    known = Refund.objects.filter(provider_refund_id=told.id).first()
    if known is not None:
        return known
    asked = _ours(told)
    ours = None
    if asked is not None:
        ours = Refund.objects.filter(pk=asked, payment=payment, provider_refund_id=None).first()
    if ours is not None:
        ours.provider_refund_id = told.id
        ours.save(update_fields=["provider_refund_id"])
        return ours
    return Refund.objects.create(
        payment=payment,
        provider_refund_id=told.id,
        amount=told.amount.amount,
        currency=told.amount.currency,
        reason=_("Refunded at the payment provider"),
        revokes_license=catalog.vendor().full_refund_revokes,
        requested_at=now,
    )


def _ours(told: ProviderRefund) -> uuid.UUID | None:
    try:
        return uuid.UUID(told.refund_id)
    except ValueError:
        return None


def _act(
    refund: Refund, *, invoice: Invoice, outcome: RefundOutcome, failure: str, actor: Actor, now: datetime
) -> None:
    before = RefundState(refund.state)
    after = TRANSITIONS.get((before, outcome))
    if after is None:
        return
    refund.state, refund.settled_at, refund.failure = after, now, failure[:60]
    refund.save(update_fields=["state", "settled_at", "failure"])
    problem = None
    if after is RefundState.SUCCEEDED:
        _return(refund, invoice=invoice, actor=actor, now=now)
    else:
        problem = PaymentProblem.objects.create(
            reference=reference("PAY"),
            order_id=invoice.order_id,
            code=REFUND_FAILED,
            provider_message=failure[:300],
            occurred_at=now,
        )
        announce_return.refund_failed(
            refund=refund,
            invoice=invoice,
            problem=problem,
            was_returned=before is RefundState.SUCCEEDED,
            now=now,
        )
    audit.record(
        actor=actor,
        action="refund.settled",
        subject=refund,
        subject_id=refund.pk,
        organization_id=invoice.organization_id,
        now=now,
        before={"state": before.value},
        after={"state": after.value, "amount": refund.amount, "currency": refund.currency},
        reference=problem.reference if problem is not None else "",
    )


def _return(refund: Refund, *, invoice: Invoice, actor: Actor, now: datetime) -> None:
    """The credit note, and the license's end where all of the money went back."""
    returned = credit_back(
        invoice=invoice,
        reason=refund.reason,
        because=RevokedBecause.REFUNDED,
        revokes_license=refund.revokes_license,
        actor=actor,
        now=now,
    )
    if returned.note is None:
        returned = replace(returned, note=_note_of_one_that_failed(refund))
    refund.credit_note = returned.note
    refund.save(update_fields=["credit_note"])
    announce_return.money_returned(
        key=f"refund:{refund.pk}:made", invoice=invoice, amount=refund.total, returned=returned, now=now
    )


def _note_of_one_that_failed(refund: Refund) -> CreditNote | None:
    """The note of a refund of as much that came back after it was credited: it is this one's from now on."""
    failed = (
        Refund.objects.filter(payment=refund.payment, state=RefundState.FAILED, amount=refund.amount)
        .exclude(credit_note=None)
        .order_by("requested_at", "pk")
        .first()
    )
    if failed is None:
        return None
    note, failed.credit_note = failed.credit_note, None
    failed.save(update_fields=["credit_note"])
    return note
