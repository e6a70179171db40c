"""An order's states. What isn't in the table can't happen."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.orders.models import Order, OrderState


class OrderEvent(StrEnum):
    CHANGE = "change"
    START_PAYMENT = "start_payment"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_MISMATCHED = "payment_mismatched"
    DISCARD = "discard"
    INVOICE = "invoice"
    TRANSFER_RECEIVED = "transfer_received"
    CANCEL_INVOICE = "cancel_invoice"


TRANSITIONS: Final[dict[tuple[OrderState, OrderEvent], OrderState]] = {
    (OrderState.OPEN, OrderEvent.CHANGE): OrderState.OPEN,
    (OrderState.OPEN, OrderEvent.START_PAYMENT): OrderState.PAYING,
    (OrderState.OPEN, OrderEvent.DISCARD): OrderState.DISCARDED,
    # Tried in another tab, or told late: the money is there all the same.
    (OrderState.OPEN, OrderEvent.PAYMENT_RECEIVED): OrderState.FULFILLED,
    (OrderState.OPEN, OrderEvent.PAYMENT_MISMATCHED): OrderState.ON_HOLD,
    (OrderState.OPEN, OrderEvent.INVOICE): OrderState.INVOICED,
    (OrderState.PAYING, OrderEvent.CHANGE): OrderState.OPEN,
    (OrderState.PAYING, OrderEvent.START_PAYMENT): OrderState.PAYING,
    (OrderState.PAYING, OrderEvent.PAYMENT_FAILED): OrderState.OPEN,
    (OrderState.PAYING, OrderEvent.PAYMENT_RECEIVED): OrderState.FULFILLED,
    (OrderState.PAYING, OrderEvent.PAYMENT_MISMATCHED): OrderState.ON_HOLD,
    (OrderState.PAYING, OrderEvent.DISCARD): OrderState.DISCARDED,
    (OrderState.PAYING, OrderEvent.INVOICE): OrderState.INVOICED,
    (OrderState.INVOICED, OrderEvent.TRANSFER_RECEIVED): OrderState.FULFILLED,
    (OrderState.INVOICED, OrderEvent.CANCEL_INVOICE): OrderState.DISCARDED,
    # The card payment was let go before, and the provider charged it all the same.
    (OrderState.INVOICED, OrderEvent.PAYMENT_RECEIVED): OrderState.FULFILLED,
    (OrderState.INVOICED, OrderEvent.PAYMENT_MISMATCHED): OrderState.ON_HOLD,
    # Discarded while the bank was being asked: who paid gets the license.
    (OrderState.DISCARDED, OrderEvent.PAYMENT_RECEIVED): OrderState.FULFILLED,
    (OrderState.DISCARDED, OrderEvent.PAYMENT_MISMATCHED): OrderState.ON_HOLD,
    (OrderState.ON_HOLD, OrderEvent.PAYMENT_MISMATCHED): OrderState.ON_HOLD,
}


def move(order: Order, event: OrderEvent) -> None:
    """Set the order's next state, in memory. The caller holds the order's lock and saves it."""
    state = TRANSITIONS.get((OrderState(order.state), event))
    if state is None:
        raise InvalidTransitionError(
            _("This order can’t be changed any more. Your licenses are listed under Subscriptions.")
        )
    order.state = state
