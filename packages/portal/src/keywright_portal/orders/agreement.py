"""What becomes binding with Complete, whichever way is paid: billing details, tax, coupon, the Terms."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import PolicyKind
from keywright_portal.catalog.vat import check_vat_number
from keywright_portal.kit.actor import Actor
from keywright_portal.orders.amounts import set_amounts, write_lines
from keywright_portal.orders.completion import Completion
from keywright_portal.orders.coupons import take_use
from keywright_portal.orders.errors import OrderChangedError, TermsNotAcceptedError
from keywright_portal.orders.models import Order
from keywright_portal.orders.quoting import PricedChoice, requote


def check_completion(*, order: Order, completion: Completion) -> PricedChoice:
    """What the order costs for the billing details; writes nothing.

    Raises TermsNotAcceptedError, VatNumberError, OrderChangedError (that isn't what the page showed), and what
    `requote` raises.
    """
    if not completion.accepts_terms:
        raise TermsNotAcceptedError(_("Accept the Terms to complete the order."), field="accepts_terms")
    billing = completion.billing
    check_vat_number(country=billing.country, number=billing.vat_number)
    priced = requote(order=order, country=billing.country, vat_number=billing.vat_number)
    if completion.amount_shown != priced.quote.gross.amount:
        raise OrderChangedError(_why(order, priced))
    return priced


def agree(*, order: Order, completion: Completion, actor: Actor, now: datetime) -> None:
    """Write into the order what the buyer agrees to: billing details, the tax that follows from them, a use of the
    coupon, the version of the Terms.

    Runs in the caller's transaction, which holds the order's lock, has seen that the order may move on, and saves the
    order afterwards. Raises what `check_completion` raises, and CouponError.
    """
    priced = check_completion(order=order, completion=completion)
    set_amounts(order, priced.quote)
    write_lines(order, priced.quote)
    take_use(order=order, now=now)
    billing = completion.billing
    number = check_vat_number(country=billing.country, number=billing.vat_number)
    order.buyer = asdict(replace(billing, vat_number=number))
    order.purchase_order = completion.purchase_order
    order.terms_version = catalog.current_policy(PolicyKind.TERMS).version
    order.terms_accepted_at = now
    order.placed_by_id = actor.user_id
    order.updated_at = now


def _why(order: Order, priced: PricedChoice) -> object:
    units = [(line.code, line.unit_amount) for line in order.lines.all()]
    if units != [(line.code, line.unit.amount) for line in priced.quote.lines]:
        return _("The price has changed since you began this order. Go back one step to see the new total.")
    return _("This order was changed in another window. Check the total, then complete it here.")
