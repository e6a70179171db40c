"""Keeping a card that the payment provider saved."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import SavedCard
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.queue import enqueue
from keywright_portal.payments.gateway import Card

FORGET_TASK = "keywright_portal.billing.tasks.forget_card"


@transaction.atomic
def keep_card(*, organization: Organization, card: Card, actor: Actor, now: datetime) -> SavedCard:
    """Keep what a person needs to recognise the card. The same card told twice is one row.

    The same card saved anew, which the provider knows by another id and the same fingerprint, takes the place of the
    one before, which the provider is told to forget. An organization's only card is its default.
    """
    lock_cards(organization_id=organization.pk)
    live = SavedCard.objects.filter(organization=organization, removed_at=None)
    told = SavedCard.objects.filter(provider_method_id=card.method_id).first()
    same = live.filter(fingerprint=card.fingerprint).first() if card.fingerprint else None
    if told is not None:
        return same if told.removed_at is not None and same is not None else told
    takes_default = same.is_default if same is not None else not live.filter(is_default=True).exists()
    if same is not None:
        live.filter(pk=same.pk).update(removed_at=now, is_default=False)
        enqueue(FORGET_TASK, same.provider_method_id)
    saved = SavedCard.objects.create(
        organization=organization,
        provider_method_id=card.method_id,
        fingerprint=card.fingerprint,
        brand=card.brand,
        last4=card.last4,
        expires_month=card.expires_month,
        expires_year=card.expires_year,
        is_default=takes_default,
        added_at=now,
    )
    audit.record(
        actor=actor,
        action="card.kept",
        subject=saved,
        subject_id=saved.pk,
        organization_id=organization.pk,
        now=now,
        before={"card": str(same.pk)} if same is not None else None,
        after={"card": str(saved.pk), "default": saved.is_default},
    )
    return saved


def lock_cards(*, organization_id: uuid.UUID) -> None:
    """Have one change at a time to an organization's cards. What refers to the organization isn't held up by it."""
    Organization.objects.select_for_update(no_key=True).order_by("pk").get(pk=organization_id)
