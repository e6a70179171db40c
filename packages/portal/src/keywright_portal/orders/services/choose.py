"""Choosing what to buy: makes the organization's unfinished order, or changes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.ids import reference
from keywright_portal.kit.insert import insert
from keywright_portal.orders.amounts import set_amounts, write_lines
from keywright_portal.orders.coupons import coupon_for, give_back_use
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.models import UNFINISHED, Order
from keywright_portal.orders.quoting import PricedChoice, known_treatment, price_choice, price_offered
from keywright_portal.orders.selectors import UNFINISHED_ORDER
from keywright_portal.orders.services.release import RELEASES, PaymentBegunError, release_payment, require_released
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import PaymentGateway


def choose_subscription(
    *,
    actor: Actor,
    organization: Organization,
    plan_code: str,
    seats: int,
    add_on_codes: Collection[str],
    currency: str,
    gateway: PaymentGateway,
    now: datetime,
    coupon_code: str = "",
) -> Order:
    """The organization's one unfinished order, holding this choice at today's prices.

    The same choice again changes nothing, so that the back button, a second tab and a double click meet in one order. A
    different choice first cancels a payment that was begun for the old one; if that payment turns out to be made, the
    old order is fulfilled and OrderChangedError says so.

    Tax is reckoned for the billing details that the order has, before Complete for the organization's own. A use of the
    coupon is taken at Complete.

    Raises what `price_choice` and `coupon_for` raise, and PermissionDeniedError.
    """
    actor.require(Permission.ORDER)
    coupon = coupon_for(code=coupon_code, plan_code=plan_code, currency=currency, organization=organization, now=now)
    choice = price_choice(plan_code=plan_code, seats=seats, add_on_codes=add_on_codes, currency=currency, coupon=coupon)
    for _attempt in range(RELEASES):
        for order in UNFINISHED_ORDER(organization.pk):
            if not _holds(order, choice):
                release_payment(order=order, actor=actor, gateway=gateway, now=now)
        try:
            return _write(organization=organization, choice=choice, actor=actor, now=now)
        except (IntegrityError, PaymentBegunError):
            # Another tab made the order, or began to pay it, between our look and our lock. Now it is there to be seen.
            continue
    raise OrderChangedError(_("This order is being paid in another window. Finish there, or discard it there."))


@transaction.atomic
def _write(*, organization: Organization, choice: PricedChoice, actor: Actor, now: datetime) -> Order:
    order = (
        Order.objects.select_for_update().filter(organization=organization, state__in=UNFINISHED).order_by("pk").first()
    )
    if order is not None and _holds(order, choice):
        return order
    before = None
    if order is None:
        order = Order(organization=organization, number=reference("ORD"), created_at=now, placed_by_id=actor.user_id)
    else:
        before = _summary(order)
        require_released(order)
        move(order, OrderEvent.CHANGE)
        give_back_use(order)
    taxed = _taxed(choice, order=order)
    order.plan = choice.offered.plan
    order.seats = choice.seats
    order.coupon = choice.coupon
    set_amounts(order, taxed.quote)
    order.updated_at = now
    if before is None:
        insert(order)
    else:
        order.save()
    order.add_ons.set([offered.add_on for offered in choice.add_ons])
    write_lines(order, taxed.quote)
    audit.record(
        actor=actor,
        action="order.changed" if before else "order.begun",
        subject=order,
        subject_id=order.pk,
        organization_id=organization.pk,
        now=now,
        before=before,
        after=_summary(order),
    )
    return order


def _taxed(choice: PricedChoice, *, order: Order) -> PricedChoice:
    """The choice with the tax that the order's buyer pays."""
    return price_offered(
        offered=choice.offered,
        seats=choice.seats,
        add_on_codes=[offered.add_on.code for offered in choice.add_ons],
        coupon=choice.coupon,
        treatment=known_treatment(organization=order.organization, order=order),
    )


def _holds(order: Order, choice: PricedChoice) -> bool:
    """Whether the order holds this choice, with this coupon, at these prices already."""
    if (order.plan_id, order.seats, order.currency, order.coupon_id) != (
        choice.offered.plan.pk,
        choice.seats,
        choice.quote.subtotal.currency,
        choice.coupon.pk if choice.coupon is not None else None,
    ):
        return False
    stored = [(line.code, line.quantity, line.unit_amount, line.discount) for line in order.lines.all()]
    return stored == [
        (line.code, line.quantity, line.unit.amount, line.discount.amount)
        for line in _taxed(choice, order=order).quote.lines
    ]


def _summary(order: Order) -> dict[str, object]:
    return {
        "state": order.state,
        "plan": str(order.plan_id),
        "seats": order.seats,
        "coupon": str(order.coupon_id) if order.coupon_id is not None else None,
        "gross": order.gross,
    }
