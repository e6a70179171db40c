"""Reading which servers hold places, always for an actor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedQuery
from keywright_portal.licensing.deployment_models import Deployment

KEPT_LENGTHS: Final = 64
"""Prepared queries kept, one a number of subscriptions: more than a page of any list holds."""


def deployment_for(*, actor: Actor, pk: uuid.UUID) -> Deployment:
    """A server that holds a place of the actor's organization. Another's, or a released one's, is not found."""
    actor.require(Permission.READ)
    place = (
        Deployment.objects.filter(pk=pk, organization_id=actor.own_organization_id, released_at=None)
        .select_related("subscription__product", "organization")
        .first()
    )
    if place is None:
        raise NotFoundError(_("There is no such server here. Those that there are stand under Deployments."))
    return place


def deployments_for(*, actor: Actor, subscription_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Deployment]]:
    """The servers that hold places, by subscription, production first. One query."""
    actor.require(Permission.READ)
    places = Deployment.objects.filter(
        subscription_id__in=list(subscription_ids), organization_id=actor.own_organization_id, released_at=None
    ).order_by("slot")
    found: dict[uuid.UUID, list[Deployment]] = {}
    for place in places:
        found.setdefault(place.subscription_id, []).append(place)
    return found


def activated_for(*, actor: Actor, subscription_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Which of these subscriptions have a server in production. For the list of subscriptions: prepared."""
    actor.require(Permission.READ)
    if not subscription_ids:
        return frozenset()
    rows = _activated_query(len(subscription_ids))(actor.own_organization_id, *subscription_ids)
    return frozenset(subscription_id for (subscription_id,) in rows)


@lru_cache(maxsize=KEPT_LENGTHS)
def _activated_query(count: int) -> PreparedQuery:
    def build(organization_id: uuid.UUID, *subscription_ids: uuid.UUID) -> QuerySet[Any, tuple[Any, ...]]:
        places = Deployment.objects.filter(
            subscription_id__in=subscription_ids, organization_id=organization_id, kind="production", released_at=None
        )
        return places.order_by().values_list("subscription_id")

    return PreparedQuery(build, uuid.UUID, *[uuid.UUID] * count)
