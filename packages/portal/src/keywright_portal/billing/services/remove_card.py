"""Removing a saved card."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.models import SavedCard
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.payments.gateway import PaymentGateway


def remove_card(*, actor: Actor, card_id: uuid.UUID, gateway: PaymentGateway, now: datetime) -> None:
    """Make the provider forget the card, then mark it as removed. Removing it twice is no error."""
    actor.require(Permission.BILLING_CHANGE)
    card = SavedCard.objects.filter(pk=card_id, organization_id=actor.own_organization_id).first()
    if card is None:
        raise NotFoundError(_("There is no such card here. Your cards are listed under Payment methods."))
    gateway.detach_card(method_id=card.provider_method_id)
    if SavedCard.objects.filter(pk=card.pk, removed_at=None).update(removed_at=now):
        audit.record(
            actor=actor,
            action="card.removed",
            subject=card,
            subject_id=card.pk,
            organization_id=actor.organization_id,
            now=now,
        )
