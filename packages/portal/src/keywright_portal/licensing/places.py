"""How many servers a subscription may activate."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, Sum

from keywright_portal.licensing.deployment_models import PRODUCTION_SLOT, Kind
from keywright_portal.subscriptions.models import Term

PRODUCTION_PLACES: Final = 1
"""A license is for a single deployment in production."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a subscription, by its term in force: one of production, and `non_production` others."""

    non_production: int

    def slots(self, kind: str) -> range:
        """The numbers of the places of a kind."""
        if kind == Kind.PRODUCTION:
            return range(PRODUCTION_SLOT, PRODUCTION_SLOT + PRODUCTION_PLACES)
        return range(PRODUCTION_SLOT + 1, PRODUCTION_SLOT + 1 + self.non_production)


def places_of(*, subscription_ids: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, Places]:
    """The places of each subscription, by its term in force, or its last one. One query."""
    later = Term.objects.filter(
        subscription_id=OuterRef("subscription_id"), number__gt=OuterRef("number"), starts_at__lte=now
    )
    terms = (
        Term.objects.filter(subscription_id__in=list(subscription_ids))
        .filter(Q(starts_at__lte=now) | Q(number=1))
        .exclude(Exists(later))
        .order_by()
        .values_list("subscription_id")
        .annotate(granted=Sum("add_ons__non_production_deployments"))
    )
    return {subscription_id: Places(granted or 0) for subscription_id, granted in terms}
