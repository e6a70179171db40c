"""Saving a card without a payment, from the Payment methods page."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.errors import UNCONFIRMED, CardNotSavedError
from keywright_portal.billing.models import PayerAccount, SavedCard
from keywright_portal.billing.services.ensure_payer import ensure_payer
from keywright_portal.billing.services.keep_card import keep_card
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.ids import reference
from keywright_portal.payments.gateway import CardSetup, PaymentGateway


def begin_saving_card(*, actor: Actor, organization: Organization, gateway: PaymentGateway) -> CardSetup:
    """What the buyer's browser confirms; 3D Secure may be part of it."""
    actor.require(Permission.BILLING_CHANGE)
    return gateway.create_card_setup(customer_id=ensure_payer(organization=organization, gateway=gateway))


def finish_saving_card(
    *, actor: Actor, organization: Organization, setup_id: str, gateway: PaymentGateway, now: datetime
) -> SavedCard:
    """Ask the provider whether the card was saved, and keep it if so.

    Raises CardNotSavedError if not, NotFoundError for a setup that belongs to another organization, GatewayError.
    """
    actor.require(Permission.BILLING_CHANGE)
    setup = gateway.get_card_setup(setup_id=setup_id)
    payer = PayerAccount.objects.filter(organization=organization).first()
    if payer is None or setup.customer_id != payer.provider_customer_id:
        raise NotFoundError(_("There is no such card here. Your cards are listed under Payment methods."))
    if setup.succeeded and setup.card is not None:
        saved = keep_card(organization=organization, card=setup.card, actor=actor, now=now)
        if saved.removed_at is None:
            return saved  # else it was removed since: an old page told it again
    reason = setup.failure.code if setup.failure is not None else UNCONFIRMED
    raise CardNotSavedError(reason, reference=_note_refusal(reason, payer=payer, actor=actor, now=now))


def _note_refusal(reason: str, *, payer: PayerAccount, actor: Actor, now: datetime) -> str:
    """Leave a trace under a reference that the customer can quote."""
    quoted = reference("PAY")
    audit.record(
        actor=actor,
        action="card.refused",
        subject=payer,
        subject_id=payer.pk,
        organization_id=payer.pk,
        now=now,
        after={"code": reason},
        reference=quoted,
    )
    return quoted
