"""Giving money back: the vendor's billing people ask for it, the provider does it, and what follows is written once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.models import Dispute, DisputeState, Invoice, Payment, PaymentMethod, Refund, RefundState
from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.orders.errors import RefundError
from keywright_portal.orders.services.settle_refund import conclude, settle_refund
from keywright_portal.payments.gateway import GatewayError, PaymentGateway, RefundOutcome, RefundRefusedError

LONGEST_REASON: Final = 200
"""Characters: it stands on the credit note's line."""


def refundable(payment: Payment) -> Money:
    """What can still be given back of a payment: less what went back, is going back, or is disputed."""
    refunds = payment.refunds.exclude(state=RefundState.FAILED).order_by()
    disputes = Dispute.objects.filter(payment=payment).exclude(state=DisputeState.WON).order_by()
    gone = sum(rows.aggregate(total=Sum("amount"))["total"] or 0 for rows in (refunds, disputes))
    return Money(max(0, payment.amount - gone), payment.currency)


def request_refund(
    *,
    actor: Actor,
    refund_id: uuid.UUID,
    payment_id: uuid.UUID,
    amount: Money,
    reason: str,
    revokes_license: bool,
    gateway: PaymentGateway,
    now: datetime,
) -> Refund:
    """Give `amount` of a payment back. `refund_id` is made when the page that asks is shown: asked twice, it is one.

    The row is written first, the provider is asked outside of any transaction under a key made of it, and its answer is
    settled like a webhook's. Where the provider doesn't answer, the refund stays pending and the reconciler goes on.
    A bank transfer is given back by the vendor's own bank: its refund is settled as it is written.
    `revokes_license` takes effect once all of the invoice's money went back.

    Raises PermissionDeniedError, NotFoundError, RefundError (amount or reason; a refusal of the provider's leaves the
    row failed).
    """
    actor.require(Permission.VENDOR_BILLING)
    try:
        refund = _write(
            refund_id=refund_id,
            payment_id=payment_id,
            amount=amount,
            reason=reason,
            revokes_license=revokes_license,
            actor=actor,
            now=now,
        )
    except IntegrityError:
        refund = Refund.objects.get(pk=refund_id)  # the same page was sent twice at the same moment
    if refund.state != RefundState.PENDING:
        return refund
    try:
        return ask_provider(refund=refund, gateway=gateway, actor=actor, now=now)
    except GatewayError:
        refund.refresh_from_db()
        return refund


def ask_provider(*, refund: Refund, gateway: PaymentGateway, actor: Actor, now: datetime) -> Refund:
    """Have the provider do, or tell of, a refund that is pending here; no transaction may be open.

    It forgets an idempotency key after a day, so one whose answer was lost is looked for before it is asked for again.
    Raises RefundError where the provider refuses, GatewayError where it doesn't answer.
    """
    intent_id = refund.payment.provider_payment_id
    if refund.provider_refund_id is not None:
        told = gateway.get_refund(refund_id=refund.provider_refund_id)
    else:
        known = [one for one in gateway.refunds_of(intent_id=intent_id) if one.refund_id == str(refund.pk)]
        try:
            told = (
                known[0]
                if known
                else gateway.create_refund(
                    intent_id=intent_id,
                    amount=refund.total,
                    refund_id=str(refund.pk),
                    reason=refund.reason,
                    idempotency_key=f"refund:{refund.pk}",
                )
            )
        except RefundRefusedError as error:
            conclude(refund_id=refund.pk, outcome=RefundOutcome.FAILED, failure="refused", actor=actor, now=now)
            raise RefundError(error.message) from error
    return settle_refund(told=told, actor=actor, now=now) or refund


@transaction.atomic
def _write(
    *,
    refund_id: uuid.UUID,
    payment_id: uuid.UUID,
    amount: Money,
    reason: str,
    revokes_license: bool,
    actor: Actor,
    now: datetime,
) -> Refund:
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFoundError(_("There is no such payment. Look it up under Invoices."))
    # The invoice's lock puts all that changes what is left of its money into a line.
    Invoice.objects.select_for_update(of=("self",)).defer("pdf").order_by("pk").get(pk=payment.invoice_id)
    known = Refund.objects.filter(pk=refund_id).first()
    if known is not None:
        return known
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise RefundError(_("Say in up to 200 characters why: the credit note names it."), field="reason")
    most = refundable(payment)
    if amount.currency != payment.currency or not 0 < amount.amount <= most.amount:
        raise RefundError(
            _("Enter an amount from the smallest unit up to %(most)s, which is what is left of this payment.")
            % {"most": money_in_words(most.amount, most.currency)},
            field="amount",
        )
    refund = Refund(
        pk=refund_id,
        payment=payment,
        amount=amount.amount,
        currency=amount.currency,
        reason=reason,
        revokes_license=revokes_license,
        requested_by=actor.user_id,
        requested_at=now,
    )
    refund.save(force_insert=True)
    audit.record(
        actor=actor,
        action="refund.requested",
        subject=refund,
        subject_id=refund.pk,
        organization_id=payment.invoice.organization_id,
        now=now,
        after={"payment": str(payment.pk), "amount": amount.amount, "currency": amount.currency},
    )
    if payment.method == PaymentMethod.TRANSFER:
        conclude(refund_id=refund.pk, outcome=RefundOutcome.SUCCEEDED, failure="", actor=actor, now=now)
        refund.refresh_from_db()
    return refund
