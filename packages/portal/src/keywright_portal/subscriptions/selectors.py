"""Reading subscriptions, always for an actor."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.subscriptions.models import SeatLedgerEntry, Term

RENEWAL_OPENS: Final = timedelta(days=90)
"""Before a term's end."""
RENEWAL_ENDS: Final = timedelta(days=30)
"""After a term's end."""


def current_terms(*, organization_id: uuid.UUID, now: datetime) -> QuerySet[Term]:
    """The term in force of each subscription of an organization, or its last one. For who has asked the actor."""
    begun_after_it = Term.objects.filter(
        subscription_id=OuterRef("subscription_id"), number__gt=OuterRef("number"), starts_at__lte=now
    )
    return (
        Term.objects.filter(subscription__organization_id=organization_id)
        .filter(Q(starts_at__lte=now) | Q(number=1))
        .exclude(Exists(begun_after_it))
    )


def current_terms_for(*, actor: Actor, now: datetime) -> QuerySet[Term]:
    """The term in force of each subscription of the organization, or its last one; newest subscription first.

    With plan, add-ons and subscription loaded: two queries for a slice of any length.
    """
    actor.require(Permission.READ)
    return (
        current_terms(organization_id=actor.own_organization_id, now=now)
        .select_related("plan", "subscription")
        .prefetch_related("add_ons")
        .order_by("-subscription__created_at", "-subscription_id")
    )


def seats_bought_for(*, actor: Actor, term: Term) -> list[tuple[datetime, int]]:
    """When seats were bought for a term, and how many, in order."""
    actor.require(Permission.READ)
    entries = SeatLedgerEntry.objects.filter(
        term=term, term__subscription__organization_id=actor.own_organization_id
    ).order_by("created_at", "pk")
    return list(entries.values_list("created_at", "seats"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """How many subscriptions an organization has, how many seats they license now, and when the next term ends."""

    subscriptions: int
    active: int
    seats: int
    next_end: datetime | None


def counts_for(*, actor: Actor, now: datetime) -> TermCounts:
    """The figures of the overview, in one query."""
    in_force = Q(ends_at__gt=now)
    found = (
        current_terms_for(actor=actor, now=now)
        .order_by()
        .aggregate(
            subscriptions=Count("pk"),
            active=Count("pk", filter=in_force),
            seats=Sum("seats", filter=in_force),
            next_end=Min("ends_at", filter=in_force),
        )
    )
    return TermCounts(
        subscriptions=found["subscriptions"],
        active=found["active"],
        seats=found["seats"] or 0,
        next_end=found["next_end"],
    )
