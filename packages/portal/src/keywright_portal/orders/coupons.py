"""Coupons on orders: which can be used for what, and counting their uses."""

from __future__ import annotations

import re
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.errors import CouponError
from keywright_portal.catalog.models import Coupon
from keywright_portal.catalog.sale_file import COUPON_CODE, COUPON_CODE_LENGTH
from keywright_portal.domain.discounts import CouponTerms
from keywright_portal.domain.money import Money
from keywright_portal.orders.models import UNFINISHED, CouponUse, Order


def coupon_for(
    *, code: str, plan_code: str, currency: str, now: datetime, organization: Organization | None = None
) -> Coupon | None:
    """The coupon that a buyer typed, for a plan in a currency; None where they typed none.

    A use that the organization's own unfinished order holds isn't counted: it goes on with it, or gives it back.

    Raises CouponError, whose sentence says why it can't be used: unknown, not yet, no more, another plan, another
    currency, used up. Whether a use is left is certain only when it is taken.
    """
    if not code.strip():
        return None
    typed = code.strip().upper()
    own = Q(uses__order__organization=organization, uses__order__state__in=UNFINISHED)
    known = Coupon.objects.filter(code=typed, withdrawn_at=None).annotate(
        used=Count("uses", filter=~own if organization is not None else None)
    )
    coupon = known.first() if len(typed) <= COUPON_CODE_LENGTH and re.fullmatch(COUPON_CODE, typed) else None
    if coupon is None:
        raise CouponError(
            _("There is no coupon %(code)s. Check how it is written, or leave the field empty.")
            % {"code": code.strip()[:COUPON_CODE_LENGTH]},
            field="coupon",
        )
    reason = _why_not(coupon, plan_code=plan_code, currency=currency, used=coupon.used, now=now)
    if reason:
        raise CouponError(_("%(reason)s Leave the field empty to go on.") % {"reason": reason}, field="coupon")
    return coupon


def terms_of(coupon: Coupon | None, *, currency: str) -> CouponTerms | None:
    """What the coupon takes off in a currency. Raises CouponError where it isn't for that one."""
    if coupon is None:
        return None
    if coupon.basis_points is not None:
        return CouponTerms(code=coupon.code, basis_points=coupon.basis_points)
    if currency not in coupon.amounts:
        raise CouponError(_at_complete(_other_currency(coupon, currency)), field="coupon")
    return CouponTerms(code=coupon.code, amount=Money(coupon.amounts[currency], currency))


def take_use(*, order: Order, now: datetime) -> None:
    """Take one of the uses of the order's coupon for it; none more where it has one.

    In the caller's transaction, which holds the order's lock; the coupon's row is locked until that ends, so that two
    orders never take the last use both. Raises CouponError where it is used up, withdrawn or over.
    """
    if order.coupon_id is None or CouponUse.objects.filter(order=order, coupon_id=order.coupon_id).exists():
        return
    coupon = Coupon.objects.select_for_update().order_by("pk").get(pk=order.coupon_id)
    used = coupon.uses.count()
    reason = _why_not(coupon, plan_code=order.plan.code, currency=order.currency, used=used, now=now)
    if reason:
        raise CouponError(_at_complete(reason), field="coupon")
    CouponUse.objects.create(coupon=coupon, order=order, taken_at=now)


def give_back_use(order: Order) -> None:
    """Give the use back that the order holds, if any: it won't be paid. The caller holds the order's lock."""
    CouponUse.objects.filter(order=order).delete()


def _why_not(coupon: Coupon, *, plan_code: str, currency: str, used: int, now: datetime) -> str:
    """Why the coupon can't be used for this now, in a sentence; "" where it can."""
    named = {"code": coupon.code, "plan": plan_code}
    if coupon.withdrawn_at is not None or (coupon.ends_at is not None and now >= coupon.ends_at):
        return _("Coupon %(code)s has ended.") % named
    if coupon.starts_at is not None and now < coupon.starts_at:
        return _("Coupon %(code)s can be used from %(day)s on.") % {**named, "day": f"{coupon.starts_at:%Y-%m-%d}"}
    if coupon.plans and plan_code not in coupon.plans:
        return _("Coupon %(code)s isn’t for %(plan)s, but for %(plans)s.") % {**named, "plans": ", ".join(coupon.plans)}
    if coupon.basis_points is None and currency not in coupon.amounts:
        return _other_currency(coupon, currency)
    if coupon.use_limit is not None and used >= coupon.use_limit:
        return _("Coupon %(code)s is used up: it could be used a limited number of times.") % named
    return ""


def _other_currency(coupon: Coupon, currency: str) -> str:
    return _("Coupon %(code)s isn’t for orders in %(currency)s.") % {"code": coupon.code, "currency": currency}


def _at_complete(reason: str) -> str:
    """The coupon was good when it was chosen, and its field is on the page before."""
    return _("%(reason)s Nothing was charged: go back one step, and leave the coupon out.") % {"reason": reason}
