"""Choosing a subscription: type, add-on, number of users, with an Order summary that follows every change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.errors import CouponError
from keywright_portal.domain.pricing import MIN_SEATS, add_on_unit
from keywright_portal.domain.term import term_span
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import InvalidTransitionError, KeywrightError
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.coupons import coupon_for
from keywright_portal.orders.errors import OrderChangedError
from keywright_portal.orders.quoting import currency_for, known_treatment, price_offered
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.start_payment import card_is_offered
from keywright_portal.payments.gateway import GatewayError, gateway
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.context import vendor_of
from keywright_portal.web.forms.choice import ChoiceForm
from keywright_portal.web.order_lines import OrderSummary, summary_of_quote

if TYPE_CHECKING:
    from django.http import HttpResponse

    from keywright_portal.catalog.selectors import OfferedAddOn, OfferedPlan
    from keywright_portal.domain.money import Money
    from keywright_portal.orders.models import Order

COUNTING: Final = "who-counts-as-a-user"
"""The vendor's answer to that question, where its catalog has one under this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOnCard:
    """An add-on on the page, with what it costs beside one plan."""

    offered: OfferedAddOn
    unit: Money
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCard:
    """A plan on the page. Its add-ons are shown while it is the chosen one."""

    offered: OfferedPlan
    is_chosen: bool
    add_ons: tuple[AddOnCard, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def buy(request: OrganizationRequest) -> HttpResponse:
    """The page. Next Step makes the organization's one unfinished order, or changes it, and goes on to payment."""
    request.actor.require(Permission.ORDER)
    plans = catalog.offered_plans(currency=_currency(request))
    unfinished = orders.unfinished_order_for(actor=request.actor)
    # Bound in either case: what an unfinished order holds may no longer be sold, and the page says so at once.
    form = ChoiceForm(request.POST if request.method == "POST" else _began_with(plans, unfinished))
    if request.method == "POST" and form.is_valid() and "update" not in request.POST:
        try:
            return _choose(request, form)
        except OrderChangedError as error:
            messages.info(request, error.message)
            return redirect(reverse_o(request, "subscriptions"))
        except KeywrightError as error:
            form.refuse(error)
    context = {
        "form": form,
        "plans": _cards(plans, form),
        "unfinished": unfinished,
        "summary": _summary(request, form, unfinished=unfinished, plans=plans),
        "counting": vendor_of(request).faq_entry(COUNTING),
    }
    return render(request, "web/buy/buy.html", context)


@require_safe
@never_cache
@organization_page
def buy_summary(request: OrganizationRequest) -> HttpResponse:
    """The Order summary of a choice that isn't made yet, as a part of the page. Nothing is kept."""
    request.actor.require(Permission.ORDER)
    form = ChoiceForm(request.GET)
    unfinished = orders.unfinished_order_for(actor=request.actor)
    context = {"form": form, "summary": _summary(request, form, unfinished=unfinished)}
    return render(request, "web/buy/summary_update.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def buy_discard(request: OrganizationRequest) -> HttpResponse:
    """Asks, then discards. The form names the order, so that a page left open can't discard a newer one."""
    request.actor.require(Permission.ORDER)
    unfinished = orders.unfinished_order_for(actor=request.actor)
    if unfinished is None:
        messages.info(request, _("There is no unfinished order."))
        return redirect(reverse_o(request, "buy"))
    if request.method != "POST":
        return render(request, "web/buy/discard.html", {"order": unfinished})
    if request.POST.get("order") != str(unfinished.pk):
        messages.warning(request, _("This order was changed in another window. Nothing was discarded."))
        return redirect(reverse_o(request, "buy"))
    try:
        discard_order(actor=request.actor, order_id=unfinished.pk, gateway=gateway(), now=clock.now())
    except (OrderChangedError, InvalidTransitionError, GatewayError) as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("The order is discarded. Nothing was charged."))
    return redirect(reverse_o(request, "buy"))


def _choose(request: OrganizationRequest, form: ChoiceForm) -> HttpResponse:
    order = choose_subscription(
        actor=request.actor,
        organization=request.organization,
        plan_code=form.cleaned_data["plan"],
        seats=form.cleaned_data["seats"],
        add_on_codes=form.cleaned_data["add_ons"],
        coupon_code=form.cleaned_data["coupon"],
        currency=_currency(request),
        gateway=gateway(),
        now=clock.now(),
    )
    return redirect(reverse_o(request, "payment", order_id=order.pk))


def _began_with(plans: tuple[OfferedPlan, ...], unfinished: Order | None) -> dict[str, Any]:
    if unfinished is not None:
        return {
            "plan": unfinished.plan.code,
            "seats": unfinished.seats,
            "add_ons": [add_on.code for add_on in unfinished.add_ons.all()],
            "coupon": unfinished.coupon.code if unfinished.coupon is not None else "",
        }
    return {"plan": plans[0].plan.code if plans else "", "seats": MIN_SEATS, "add_ons": [], "coupon": ""}


def _currency(request: OrganizationRequest) -> str:
    """That of the organization's country. The order keeps it, whatever the billing address turns out to be."""
    return currency_for(request.organization.country.code, vendor=vendor_of(request))


def _cards(plans: tuple[OfferedPlan, ...], form: ChoiceForm) -> list[PlanCard]:
    chosen_add_ons = form.chosen_add_ons
    return [
        PlanCard(
            offered=offered,
            is_chosen=offered.plan.code == form.chosen_plan,
            add_ons=tuple(
                AddOnCard(
                    offered=add_on,
                    unit=add_on_unit(add_on.price, plan=offered.price),
                    is_chosen=add_on.add_on.code in chosen_add_ons,
                )
                for add_on in offered.add_ons
            ),
        )
        for offered in plans
    ]


def _summary(
    request: OrganizationRequest,
    form: ChoiceForm,
    *,
    unfinished: Order | None,
    plans: tuple[OfferedPlan, ...] = (),
) -> OrderSummary | None:
    """What the form's choice costs; None where it is no choice that can be bought, which the form then says. A coupon
    that can't be used is said beside its field, and the summary is without it.

    `plans` is what was read of the catalog already.
    """
    if not form.is_valid():
        return None
    code, seats, add_ons = (form.cleaned_data[field] for field in ("plan", "seats", "add_ons"))
    typed = form.cleaned_data["coupon"]
    now = clock.now()
    try:
        offered = next((offered for offered in plans if offered.plan.code == code), None) or catalog.offered_plan(
            code=code, currency=_currency(request)
        )
        reckon = partial(
            price_offered,
            offered=offered,
            seats=seats,
            add_on_codes=add_ons,
            treatment=known_treatment(organization=request.organization, order=unfinished, vendor=vendor_of(request)),
        )
        try:
            coupon = coupon_for(
                code=typed,
                plan_code=code,
                currency=_currency(request),
                organization=request.organization,
                now=now,
            )
            choice = reckon(coupon=coupon)
        except CouponError as error:
            form.refuse(error)
            choice = reckon()
    except KeywrightError as error:
        form.refuse(error)
        return None
    span = term_span(anchor=now.date(), number=1)
    return summary_of_quote(choice.quote, span=span, card_is_offered=card_is_offered(choice.quote.gross))
