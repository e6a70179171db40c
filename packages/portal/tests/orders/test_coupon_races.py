"""The last uses of a coupon, asked for at the same moment. Its twin, without the lock, gives more than there are."""

from __future__ import annotations

from collections import Counter

import pytest

from keywright_portal.catalog.errors import CouponError
from keywright_portal.catalog.models import Coupon
from keywright_portal.orders import coupons
from keywright_portal.orders.models import CouponUse, Order, OrderState
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.payments.gateway import PaymentIntent
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_row_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalog")]
USES = 2


@pytest.fixture
def completions(new_buyer, complete, gateway, now):
    """AT_ONCE organizations, each about to complete an order with the same coupon, of which USES uses are left."""

    def _completions(round_number):
        code = f"ROUND{round_number}"
        Coupon.objects.create(code=code, basis_points=1_000, use_limit=USES)
        calls = []
        for place in range(AT_ONCE):
            by = new_buyer(f"Round {round_number} buyer {place}")
            order = choose_subscription(
                actor=by.actor,
                organization=by.organization,
                plan_code="E10",
                seats=1 + place,
                add_on_codes=[],
                coupon_code=code,
                currency="USD",
                gateway=gateway,
                now=now,
            )
            calls.append(lambda order=order, by=by: complete(order, by=by))
        return code, calls

    return _completions


def test_of_many_at_once_as_many_get_the_coupon_as_there_are_uses(completions, gateway):
    for number in range(1, ROUNDS + 1):
        code, calls = completions(number)
        outcomes = at_once(calls, expect=(CouponError,))
        assert Counter(type(outcome) for outcome in outcomes) == {PaymentIntent: USES, CouponError: AT_ONCE - USES}
        assert CouponUse.objects.filter(coupon__code=code).count() == USES
        # Who got none has an open order, and nothing that could be charged.
        of_round = Order.objects.filter(coupon__code=code)
        assert of_round.filter(state=OrderState.PAYING).count() == USES
        assert of_round.filter(state=OrderState.OPEN, attempts=None, coupon_use=None).count() == AT_ONCE - USES
        assert len(gateway.intents) == USES * number


@pytest.mark.postgresql_only
def test_without_the_coupons_lock_more_get_it_than_there_are_uses(completions, monkeypatch):
    code, calls = completions(1)
    without_row_locks(monkeypatch)
    count_first = meeting(coupons.CouponUse.objects.create, of=AT_ONCE)
    monkeypatch.setattr(coupons.CouponUse.objects, "create", count_first)
    at_once(calls, expect=(CouponError,))
    assert CouponUse.objects.filter(coupon__code=code).count() > USES


@pytest.mark.postgresql_only
def test_with_the_lock_the_same_meeting_gives_no_more(completions, monkeypatch):
    """The twin of the twin: what lets it lose is the missing lock, not the meeting."""
    code, calls = completions(1)
    monkeypatch.setattr("racing.MEETING_SECONDS", 0.5)
    monkeypatch.setattr(coupons.CouponUse.objects, "create", meeting(coupons.CouponUse.objects.create, of=AT_ONCE))
    at_once(calls, expect=(CouponError,))
    assert CouponUse.objects.filter(coupon__code=code).count() == USES
