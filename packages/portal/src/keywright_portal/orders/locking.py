"""Locking an order: everything that decides about one does so first."""

from __future__ import annotations

import uuid
from typing import Final

from django.db import connection

from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.orders.models import Order

_READ: Final = PreparedModels(
    lambda order_id: Order.objects.filter(pk=order_id).order_by(),
    uuid.UUID,
    follow=("plan__product", "organization", "placed_by", "coupon"),
)


def lock_order(order_id: uuid.UUID) -> Order:
    """The order under its row's lock, which lasts until the caller's transaction ends, with what it names.

    Two queries on purpose. Whoever waits for a lock is given the row as it is now, joined with other tables as they
    were when the waiting began (PostgreSQL, READ COMMITTED): a buyer, a plan or a coupon that was set meanwhile would
    be missing. So the lock comes first, and what is read under it is read anew. Raises Order.DoesNotExist.
    """
    if connection.features.has_select_for_update:  # else a transaction that writes is alone from its beginning
        Order.objects.select_for_update().order_by("pk").values_list("pk").get(pk=order_id)
    found = _READ(order_id)
    if not found:
        raise Order.DoesNotExist
    return found[0]
