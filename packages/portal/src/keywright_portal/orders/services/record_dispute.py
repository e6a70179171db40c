"""Acting on what the provider says of a dispute: an alarm when it opens, and what a lost one takes back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_portal.billing.models import Dispute, DisputeState, Invoice, Payment
from keywright_portal.catalog import selectors as catalog
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.services.revoke import RevokedBecause
from keywright_portal.orders.services import announce_return
from keywright_portal.orders.services.credit_back import Returned, credit_back
from keywright_portal.payments.gateway import DisputeOutcome, ProviderDispute

TRANSITIONS: Final[dict[tuple[DisputeState, DisputeOutcome], DisputeState]] = {
    (DisputeState.OPEN, DisputeOutcome.WON): DisputeState.WON,
    (DisputeState.OPEN, DisputeOutcome.LOST): DisputeState.LOST,
}
"""What isn't here changes nothing: told before, or asked before what is known now."""


def record_dispute(*, told: ProviderDispute, actor: Actor, now: datetime) -> Dispute | None:
    """The dispute as it is afterwards; None where its payment is on no invoice of ours.

    Any number of times, in any order, one result: who hears of the end first, hears of the opening too. Opened, it
    alarms the vendor and changes nothing else. Lost, it is like a refund that the bank made: a credit note, and for all
    of an invoice's money the license's end, where the catalog has a full refund revoke it. Won, nothing changes.
    """
    payment = Payment.objects.filter(provider_payment_id=told.intent_id).first()
    if payment is None:
        return None
    with transaction.atomic():
        invoices = Invoice.objects.select_for_update(of=("self",)).defer("pdf").select_related("organization")
        invoice = invoices.order_by("pk").get(pk=payment.invoice_id)
        dispute = Dispute.objects.filter(provider_dispute_id=told.id).first()
        if dispute is None:
            dispute = _open(payment, told=told, invoice=invoice, actor=actor, now=now)
        after = TRANSITIONS.get((DisputeState(dispute.state), told.outcome))
        if after is not None:
            _close(dispute, state=after, amount=told.amount, invoice=invoice, actor=actor, now=now)
    return dispute


def _open(payment: Payment, *, told: ProviderDispute, invoice: Invoice, actor: Actor, now: datetime) -> Dispute:
    dispute = Dispute.objects.create(
        provider_dispute_id=told.id,
        payment=payment,
        amount=told.amount.amount,
        currency=told.amount.currency,
        reason=told.reason[:60],
        opened_at=told.opened_at,
    )
    audit.record(
        actor=actor,
        action="dispute.opened",
        subject=dispute,
        subject_id=dispute.pk,
        organization_id=invoice.organization_id,
        now=now,
        after={"payment": str(payment.pk), "amount": dispute.amount, "currency": dispute.currency},
    )
    announce_return.dispute_opened(dispute=dispute, invoice=invoice, now=now)
    return dispute


def _close(
    dispute: Dispute, *, state: DisputeState, amount: Money, invoice: Invoice, actor: Actor, now: datetime
) -> None:
    before = dispute.state
    dispute.state, dispute.closed_at, dispute.amount = state, now, amount.amount
    dispute.save(update_fields=["state", "closed_at", "amount"])
    returned: Returned | None = None
    if state is DisputeState.LOST:
        returned = credit_back(
            invoice=invoice,
            reason=_("Payment taken back by the cardholder’s bank"),
            because=RevokedBecause.DISPUTED,
            revokes_license=catalog.vendor().full_refund_revokes,
            actor=actor,
            now=now,
        )
        dispute.credit_note = returned.note
        dispute.save(update_fields=["credit_note"])
        announce_return.money_returned(
            key=f"dispute:{dispute.pk}:lost", invoice=invoice, amount=amount, returned=returned, now=now
        )
    audit.record(
        actor=actor,
        action="dispute.closed",
        subject=dispute,
        subject_id=dispute.pk,
        organization_id=invoice.organization_id,
        now=now,
        before={"state": before},
        after={"state": state.value},
    )
    announce_return.dispute_closed(dispute=dispute, invoice=invoice, returned=returned, now=now)
