"""An order's attempts to be paid by card: there are few, so they are read together, by one prepared query."""

from __future__ import annotations

import uuid
from typing import Final

from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.orders.models import PaymentAttempt

attempts_of: Final = PreparedModels(
    lambda order_id: PaymentAttempt.objects.filter(order_id=order_id).order_by("number"), uuid.UUID
)
"""The attempts of the order with this id, oldest first."""


def open_attempt(order_id: uuid.UUID) -> PaymentAttempt | None:
    """The attempt that wasn't closed; there is at most one."""
    return next((attempt for attempt in attempts_of(order_id) if attempt.closed_at is None), None)
