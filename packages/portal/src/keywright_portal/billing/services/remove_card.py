"""Removing a saved card."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing import selectors
from keywright_portal.billing.errors import CardNeededError
from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.services.keep_card import lock_cards
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.payments.gateway import PaymentGateway


def remove_card(
    *, actor: Actor, card_id: uuid.UUID, knows_renewals: bool, gateway: PaymentGateway, now: datetime
) -> None:
    """Make the provider forget the card, then mark it as removed. Removing it twice is no error.

    `knows_renewals`: the person was told that no good card is left for the next renewal. Raises CardNeededError where
    that is so and wasn't said; NotFoundError; GatewayError. Where the default is removed, the oldest card left is it.
    """
    actor.require(Permission.BILLING_CHANGE)
    card = SavedCard.objects.filter(pk=card_id, organization_id=actor.own_organization_id).first()
    if card is None:
        raise NotFoundError(_("There is no such card here. Your cards are listed under Payment methods."))
    if (
        not knows_renewals
        and card.removed_at is None
        and selectors.needed_card_ids_for(actor=actor, now=now) == {card.pk}
    ):
        raise CardNeededError(_("This is your last saved card, and a subscription of yours comes up for renewal."))
    gateway.detach_card(method_id=card.provider_method_id)
    _mark_removed(card, actor=actor, now=now)


@transaction.atomic
def _mark_removed(card: SavedCard, *, actor: Actor, now: datetime) -> None:
    lock_cards(organization_id=card.organization_id)
    live = SavedCard.objects.filter(organization_id=card.organization_id, removed_at=None)
    if not live.filter(pk=card.pk).update(removed_at=now, is_default=False):
        return
    if not live.filter(is_default=True).exists():
        heir = live.order_by("added_at", "pk").first()
        if heir is not None:
            live.filter(pk=heir.pk).update(is_default=True)
    audit.record(
        actor=actor,
        action="card.removed",
        subject=card,
        subject_id=card.pk,
        organization_id=card.organization_id,
        now=now,
    )
