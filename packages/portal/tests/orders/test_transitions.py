from __future__ import annotations

from itertools import product

import pytest

from keywright_portal.kit.errors import InvalidTransitionError
from keywright_portal.orders.models import UNFINISHED, Order, OrderState
from keywright_portal.orders.transitions import TRANSITIONS, OrderEvent, move

EVERYTHING = list(product(OrderState, OrderEvent))


@pytest.mark.parametrize(("state", "event"), EVERYTHING)
def test_an_order_moves_as_the_table_says_and_no_other_way(state, event):
    order = Order(state=state)
    if (state, event) in TRANSITIONS:
        move(order, event)
        assert order.state == TRANSITIONS[state, event]
    else:
        with pytest.raises(InvalidTransitionError):
            move(order, event)
        assert order.state == state


@pytest.mark.parametrize("event", OrderEvent)
def test_a_fulfilled_order_never_moves(event):
    assert (OrderState.FULFILLED, event) not in TRANSITIONS


@pytest.mark.parametrize("state", [state for state in OrderState if state is not OrderState.FULFILLED])
def test_money_that_came_is_never_left_without_an_answer(state):
    """Whatever became of the order meanwhile, a payment of another sum holds it; of the right sum, fulfils it."""
    assert TRANSITIONS[state, OrderEvent.PAYMENT_MISMATCHED] == OrderState.ON_HOLD
    if state is not OrderState.ON_HOLD:
        assert TRANSITIONS[state, OrderEvent.PAYMENT_RECEIVED] == OrderState.FULFILLED


@pytest.mark.parametrize("event", [OrderEvent.CHANGE, OrderEvent.START_PAYMENT, OrderEvent.DISCARD])
def test_only_an_unfinished_order_does_what_a_buyer_asks(event):
    assert {state for state, asked in TRANSITIONS if asked is event} == set(UNFINISHED)
