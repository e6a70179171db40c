"""Keeping a webhook's event, once."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from keywright_portal.kit.insert import insert
from keywright_portal.payments.gateway import GatewayEvent
from keywright_portal.payments.models import ProviderEvent


def keep_event(*, event: GatewayEvent, now: datetime, follows: bool = True) -> bool:
    """Insert the event's id; False where it was there before. Fifty at once insert one: the key is the provider's.

    Where nothing `follows` from its kind it is handled by being kept: support sees that it came, and no task is made.
    """
    handled_at = None if follows else now
    row = ProviderEvent(id=event.id, type=event.type, object_id=event.object_id, received_at=now, handled_at=handled_at)
    try:
        with transaction.atomic():
            insert(row)
    except IntegrityError:
        return False
    return True
