"""A window that shows an order as it no longer is completes it, at the very moment when another begins to pay it.

The stale one is refused, and must not take the other's payment away: its buyer would begin again for nothing.
"""

from __future__ import annotations

import pytest

from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import OrderState
from keywright_portal.orders.services import place_on_invoice as invoicing
from keywright_portal.orders.services import start_payment as starting
from keywright_portal.payments.gateway import IntentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_window(choose, complete, monkeypatch):
    """Once the stale window has seen that its page is right, the other one changes the order and completes it."""
    begun = []

    def comes_in(module):
        check = module.check_completion

        def _check(**asked):
            priced = check(**asked)
            monkeypatch.setattr(module, "check_completion", check)
            begun.append(complete(choose(seats=300)))
            return priced

        monkeypatch.setattr(module, "check_completion", _check)
        return begun

    return comes_in


def test_by_card_it_leaves_the_other_windows_payment_alone(choose, complete, gateway, other_window):
    stale = choose()
    complete(stale, save_card=True)
    begun = other_window(starting)
    with pytest.raises(OrderChangedError):
        complete(stale)
    assert gateway.intents[begun[0].id].state is IntentState.REQUIRES_PAYMENT_METHOD
    stale.refresh_from_db()
    assert (stale.state, stale.seats) == (OrderState.PAYING, 300)


def test_by_invoice_it_leaves_the_other_windows_payment_alone(choose, on_invoice, gateway, other_window):
    stale = choose()
    begun = other_window(invoicing)
    with pytest.raises(OrderChangedError):
        on_invoice(stale)
    assert gateway.intents[begun[0].id].state is IntentState.REQUIRES_PAYMENT_METHOD


def test_an_attempt_that_is_read_after_its_order_is_the_other_windows(choose, complete, gateway, buyer, monkeypatch):
    """The twin: the order as it was before the other window came, its attempt as it is now."""
    stale = choose()
    read_before = starting.order_for(actor=buyer.actor, order_id=stale.pk)
    begun = complete(choose(seats=300))
    monkeypatch.setattr(starting, "order_for", lambda **_asked: read_before)
    with pytest.raises(OrderChangedError):
        complete(stale)
    assert gateway.intents[begun.id].state is IntentState.CANCELED
