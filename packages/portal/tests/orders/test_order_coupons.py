"""Coupons on orders: which can be used, what they take off, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.catalog.errors import CouponError
from keywright_portal.catalog.models import Coupon
from keywright_portal.kit.actor import system
from keywright_portal.orders.models import CouponUse, Order, OrderState
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
DAY = timedelta(days=1)


@pytest.fixture
def choose_with(buyer, gateway, now):
    """10 users of a plan, with a coupon."""

    def _choose_with(code, *, plan="E20", seats=10, add_ons=(), currency="USD", by=buyer, at=now):
        return choose_subscription(
            actor=by.actor,
            organization=by.organization,
            plan_code=plan,
            seats=seats,
            add_on_codes=add_ons,
            coupon_code=code,
            currency=currency,
            gateway=gateway,
            now=at,
        )

    return _choose_with


@pytest.fixture
def coupon(db):
    def _coupon(code="SPRING", **fields):
        return Coupon.objects.create(code=code, **({"basis_points": 1_000} | fields))

    return _coupon


def test_a_percentage_comes_off_each_line_and_off_the_price_per_user(choose_with):
    order = choose_with("welcome10 ", add_ons=["premier-support"])
    assert (order.coupon.code, order.discount, order.net, order.gross) == ("WELCOME10", 12_240, 110_160, 110_160)
    assert [(line.amount, line.discount, line.net) for line in order.lines.all()] == [
        (102_000, 10_200, 91_800),
        (20_400, 2_040, 18_360),
    ]
    assert order.price_per_user == 11_016


def test_an_amount_is_spread_over_the_lines(choose_with):
    order = choose_with("PILOT", add_ons=["premier-support"])
    assert (order.discount, order.gross) == (10_000, 112_400)
    assert [line.discount for line in order.lines.all()] == [8_333, 1_667]
    assert order.price_per_user == 11_240


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"starts": 1}, "can be used from 2026-03-13 on"),
        ({"ends": 0}, "has ended"),
        ({"withdrawn_at": True}, "There is no coupon"),
        ({"plans": ["E10"]}, "isn’t for E20, but for E10."),
        ({"basis_points": None, "amounts": {"EUR": 100}}, "isn’t for orders in USD"),
        ({"use_limit": 0}, "is used up"),
        ({"basis_points": 10_000}, "nothing would be left to pay"),
        ({"basis_points": None, "amounts": {"USD": 102_000}}, "nothing would be left to pay"),
    ],
)
def test_a_coupon_that_cant_be_used_says_why_at_its_field(choose_with, coupon, now, fields, sentence):
    moments = {f"{name}_at": now + DAY * fields.pop(name) for name in ("starts", "ends") if name in fields}
    if fields.get("withdrawn_at"):
        fields = {"withdrawn_at": now}
    coupon(**fields, **moments)
    with pytest.raises(CouponError) as refused:
        choose_with("SPRING")
    assert sentence in str(refused.value.message)
    assert str(refused.value.message).endswith(
        ("Leave the field empty to go on.", "leave the field empty.", "Add users.")
    )
    assert (refused.value.field, refused.value.code, Order.objects.count()) == ("coupon", "coupon", 0)


def test_an_unknown_coupon_says_so(choose_with):
    with pytest.raises(CouponError) as refused:
        choose_with("NOSUCH")
    assert str(refused.value.message) == (
        "There is no coupon NOSUCH. Check how it is written, or leave the field empty."
    )


@pytest.mark.parametrize(("starts", "ends"), [(0, 1), (-1, 1), (None, None)])
def test_a_coupon_can_be_used_from_its_first_instant_to_before_its_last(choose_with, coupon, now, starts, ends):
    coupon(
        starts_at=None if starts is None else now + DAY * starts,
        ends_at=None if ends is None else now + DAY * ends,
    )
    assert choose_with("SPRING").discount == 10_200


def test_another_coupon_changes_the_order_and_none_takes_it_off(choose_with):
    first = choose_with("WELCOME10")
    second = choose_with("PILOT")
    without = choose_with("")
    assert first.pk == second.pk == without.pk
    assert (second.discount, without.discount, without.coupon, without.gross) == (10_000, 0, None, 102_000)


def test_the_same_coupon_again_changes_nothing(choose_with):
    order = choose_with("WELCOME10")
    assert choose_with("welcome10").updated_at == order.updated_at


# ---- Uses ------------------------------------------------------------------------------------------------------------


def test_a_use_is_taken_at_complete_and_once_only(choose_with, complete, now):
    order = choose_with("WELCOME10")
    assert CouponUse.objects.count() == 0
    complete(order)
    complete(order)
    use = CouponUse.objects.get()
    assert (use.order_id, use.coupon.code, use.taken_at) == (order.pk, "WELCOME10", now)


def test_the_last_use_is_taken_by_whoever_completes_first(choose_with, complete, coupon, new_buyer, gateway):
    coupon(use_limit=1)
    slow, quick = new_buyer("Slow"), new_buyer("Quick")
    first, second = choose_with("SPRING", by=slow), choose_with("SPRING", by=quick)
    complete(second, by=quick)
    with pytest.raises(CouponError) as refused:
        complete(first, by=slow)
    first.refresh_from_db()
    assert "is used up" in str(refused.value.message)
    assert (first.state, first.terms_version, CouponUse.objects.get().order_id) == (OrderState.OPEN, "", second.pk)
    assert [intent.order_id for intent in gateway.intents.values()] == [str(second.pk)]


def test_an_order_that_has_a_use_goes_on_though_the_coupon_is_used_up(choose_with, complete, coupon):
    coupon(use_limit=1)
    order = choose_with("SPRING")
    assert complete(order).id == complete(order).id


def test_whoever_holds_the_last_use_may_go_back_and_on(choose_with, complete, coupon):
    coupon(use_limit=1)
    order = choose_with("SPRING")
    intent = complete(order)
    same = choose_with("SPRING")
    assert (same.pk, same.state, complete(same).id) == (order.pk, OrderState.PAYING, intent.id)
    changed = choose_with("SPRING", seats=11)
    assert (changed.pk, changed.discount, CouponUse.objects.count()) == (order.pk, 11_220, 0)
    complete(changed)
    assert CouponUse.objects.get().order_id == order.pk


def test_a_use_that_another_organization_holds_counts_at_once(choose_with, complete, coupon, stranger):
    coupon(use_limit=1)
    complete(choose_with("SPRING"))
    with pytest.raises(CouponError):
        choose_with("SPRING", by=stranger)


def test_a_coupon_that_ended_since_is_not_charged(choose_with, complete, coupon, now, gateway):
    made = coupon()
    order = choose_with("SPRING")
    Coupon.objects.filter(pk=made.pk).update(ends_at=now)
    with pytest.raises(CouponError) as refused:
        complete(order)
    order.refresh_from_db()
    assert str(refused.value.message) == (
        "Coupon SPRING has ended. Nothing was charged: go back one step, and leave the coupon out."
    )
    assert (order.state, gateway.intents) == (OrderState.OPEN, {})


def test_discarding_gives_the_use_back(*, choose_with, complete, coupon, buyer, gateway, now):
    coupon(use_limit=1)
    order = choose_with("SPRING")
    complete(order)
    discard_order(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    assert CouponUse.objects.count() == 0
    assert choose_with("SPRING").pk != order.pk


def test_changing_the_order_gives_the_use_back(choose_with, complete):
    complete(choose_with("WELCOME10"))
    choose_with("WELCOME10", seats=11)
    assert CouponUse.objects.count() == 0


def test_an_order_that_was_paid_keeps_its_use(*, choose_with, complete, coupon, gateway, signing_keys, now):
    coupon(use_limit=1)
    order = choose_with("SPRING")
    intent = complete(order)
    gateway.pay(intent.id)
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
    assert CouponUse.objects.get().order_id == order.pk
    with pytest.raises(CouponError):
        choose_with("SPRING")
