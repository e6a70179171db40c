"""Billing and payment: the page, what went wrong, and the way back from the bank."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from keywright_portal.billing import selectors as billing
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.before_complete import before_complete_for
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.record_problem import record_problem
from keywright_portal.payments.gateway import gateway
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.card_element import card_element
from keywright_portal.web.forms.billing import BillingForm, TaxForm
from keywright_portal.web.payment_answers import problem_answer
from keywright_portal.web.payment_messages import PaymentMessage, message_for
from keywright_portal.web.payment_page import amounts_for, known_details

if TYPE_CHECKING:
    from keywright_portal.billing.models import SavedCard
    from keywright_portal.orders.models import PaymentProblem


@require_safe
@never_cache
@organization_page
def payment(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """The page; or, where the order is past it, where the buyer should be.

    A payment that was under way when the page was left is asked about, so that what the page says is true.
    """
    request.actor.require(Permission.ORDER)
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if order.state == OrderState.PAYING:
        return _settle(request, order)
    return _elsewhere(request, order) or _page(request, order)


@require_POST
@never_cache
@organization_page
def payment_amounts(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """The total for other billing details, as parts of the page. Nothing is kept, and nothing begins."""
    request.actor.require(Permission.ORDER)
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if not order.is_unfinished:
        return HttpResponseClientRedirect(reverse_o(request, "payment-return", order_id=order.pk))
    form = TaxForm(request.POST)
    amounts = amounts_for(request, order, **form.known, now=clock.now())
    return render(request, "web/payment/amounts_update.html", {"order": order, "amounts": amounts})


@require_safe
@never_cache
@organization_page
def payment_return(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """Where the browser comes back to from the bank, and where it waits. What it brings along in the address isn't
    believed: the provider is asked about the order's own payment.
    """
    request.actor.require(Permission.ORDER)
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if order.is_unfinished:
        return _settle(request, order)
    return _elsewhere(request, order) or redirect(reverse_o(request, "payment", order_id=order.pk))


@require_POST
@never_cache
@organization_page
def payment_problem(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """The browser says that something went wrong. What it was is asked of the provider, kept, and put in words."""
    request.actor.require(Permission.ORDER)
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if not order.is_unfinished:
        return JsonResponse({"go": reverse_o(request, "payment-return", order_id=order_id)})
    problem = record_problem(actor=request.actor, order_id=order_id, gateway=gateway(), now=clock.now())
    if problem is None:
        return JsonResponse({"go": reverse_o(request, "payment-return", order_id=order_id)})
    return problem_answer(request, problem, _message(problem))


def _settle(request: OrganizationRequest, order: Order) -> HttpResponse:
    """Ask the provider how the payment went, and answer accordingly."""
    problem = record_problem(actor=request.actor, order_id=order.pk, gateway=gateway(), now=clock.now())
    order = orders.order_for(actor=request.actor, order_id=order.pk)
    if problem is not None:
        return _page(request, order, problem=problem)
    return _elsewhere(request, order) or _waiting(request, order)


def _elsewhere(request: OrganizationRequest, order: Order) -> HttpResponse | None:
    """The answer for an order that can't be paid any more; None where it can."""
    if order.state == OrderState.FULFILLED:
        return _go(request, reverse_o(request, "license-ready", order_id=order.pk))
    if order.state == OrderState.INVOICED:
        return _go(request, reverse_o(request, "order-invoiced", order_id=order.pk))
    if order.state == OrderState.ON_HOLD:
        context = {"order": order, "problem": orders.problem_that_holds(order)}
        return render(request, "web/payment/on_hold.html", context)
    if order.state == OrderState.DISCARDED:
        messages.info(request, _("Order %(number)s was discarded. Nothing was charged.") % {"number": order.number})
        return _go(request, reverse_o(request, "buy"))
    return None


def _go(request: OrganizationRequest, url: str) -> HttpResponse:
    """To `url`; the waiting page, which asks by htmx, goes there as a whole."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _waiting(request: OrganizationRequest, order: Order) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204)  # the page that asks stays as it is
    return render(request, "web/payment/waiting.html", {"order": order})


def _page(request: OrganizationRequest, order: Order, *, problem: PaymentProblem | None = None) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRefresh()  # the waiting page: its next load shows what happened
    before = before_complete_for(actor=request.actor)
    known = known_details(request, order, last_buyer=before.last_buyer)
    amounts = amounts_for(
        request, order, country=known["country"], vat_number=known.get("vat_number", ""), now=clock.now()
    )
    total = amounts.summary.total
    context: dict[str, Any] = {
        "order": order,
        "amounts": amounts,
        "problem": problem,
        "message": _message(problem) if problem is not None else None,
    }
    if amounts.by_card or amounts.by_transfer:
        context["form"] = BillingForm(initial={"invoice_email": request.user.email, **known})
        context["terms_version"] = before.terms_version
    if amounts.by_card:
        context["card"] = card_element(request, amount=total)
        context["saved_cards"] = _good_cards(request)
    return render(request, "web/payment/payment.html", context)


def _good_cards(request: OrganizationRequest) -> list[SavedCard]:
    """The saved cards that can be charged, the default in front."""
    today = clock.now().date()
    return [card for card in billing.saved_cards_for(actor=request.actor) if not card.is_expired(today=today)]


def _message(problem: PaymentProblem) -> PaymentMessage:
    # Still "paying" after the provider couldn't be asked: the buyer had confirmed, and nobody knows how that went.
    return message_for(problem.code, outcome_is_known=problem.order.state != OrderState.PAYING)
