"""Choosing the card that stands first."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from keywright_portal.billing import selectors
from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.services.keep_card import lock_cards
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission


@transaction.atomic
def choose_default_card(*, actor: Actor, card_id: uuid.UUID, now: datetime) -> SavedCard:
    """Make a saved card the one that the payment page offers first and that a renewal is meant for. Twice is once.

    Raises NotFoundError for a card that was removed or is another organization's.
    """
    actor.require(Permission.BILLING_CHANGE)
    lock_cards(organization_id=actor.own_organization_id)
    card = selectors.saved_card_for(actor=actor, card_id=card_id)
    if card.is_default:
        return card
    live = SavedCard.objects.filter(organization_id=card.organization_id, removed_at=None)
    before = live.filter(is_default=True).values_list("pk", flat=True).first()
    live.filter(is_default=True).update(is_default=False)
    live.filter(pk=card.pk).update(is_default=True)
    card.is_default = True
    audit.record(
        actor=actor,
        action="card.made_default",
        subject=card,
        subject_id=card.pk,
        organization_id=card.organization_id,
        now=now,
        before={"card": str(before) if before is not None else None},
        after={"card": str(card.pk)},
    )
    return card
