"""Keeping a card that the payment provider saved."""

from __future__ import annotations

from datetime import datetime

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import SavedCard
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.payments.gateway import Card


def keep_card(*, organization: Organization, card: Card, actor: Actor, now: datetime) -> SavedCard:
    """Keep what a person needs to recognise the card. The same card told twice is one row."""
    saved, created = SavedCard.objects.get_or_create(
        provider_method_id=card.method_id,
        defaults={
            "organization": organization,
            "brand": card.brand,
            "last4": card.last4,
            "expires_month": card.expires_month,
            "expires_year": card.expires_year,
            "added_at": now,
        },
    )
    if created:
        audit.record(
            actor=actor,
            action="card.kept",
            subject=saved,
            subject_id=saved.pk,
            organization_id=organization.pk,
            now=now,
        )
    return saved
