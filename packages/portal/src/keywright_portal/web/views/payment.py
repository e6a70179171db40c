"""Billing and payment: Complete, what went wrong, and the way back from the bank."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from keywright_portal.accounts.services.change_organization import change_organization
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import PolicyKind
from keywright_portal.domain.term import term_span
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import KeywrightError, NotFoundError, PermissionDeniedError
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.record_problem import keep_refusal, record_problem
from keywright_portal.orders.services.start_payment import Completion, card_is_offered, start_payment
from keywright_portal.payments.gateway import GatewayError, IntentState, gateway
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.card_element import card_element
from keywright_portal.web.forms.billing import BillingForm
from keywright_portal.web.order_lines import summary_of_order
from keywright_portal.web.payment_messages import PaymentMessage, message_for

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_portal.accounts.models import Organization
    from keywright_portal.orders.models import PaymentProblem

FILLED_IN: Final = ("street", "postal_code", "city", "vat_number")
"""What an organization that hasn't said it yet is taken to say when it buys; `billing_email` besides."""
UNPROCESSABLE: Final = 422
CONFLICT: Final = 409


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
def payment_start(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """Complete, for the page's script: what it needs to confirm the payment, or what to correct first."""
    form = BillingForm(request.POST)
    if not form.is_valid():
        errors = {field: str(sentences[0]) for field, sentences in form.errors.items()}
        return JsonResponse({"errors": errors}, status=UNPROCESSABLE)
    try:
        return _start(request, form.completion(), order_id=order_id, now=clock.now())
    except (NotFoundError, PermissionDeniedError):
        raise
    except KeywrightError as error:
        if error.field in form.fields:
            return JsonResponse({"errors": {error.field: str(error.message)}}, status=UNPROCESSABLE)
        if orders.order_for(actor=request.actor, order_id=order_id).is_unfinished:
            return _refusal_answer(request, error, order_id=order_id)
        # Paid, or discarded, in another tab: where that one is, this one should be too.
        return JsonResponse({"go": reverse_o(request, "payment-return", order_id=order_id)})


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
    return _problem_answer(request, problem, _message(problem))


def _start(request: OrganizationRequest, completion: Completion, *, order_id: uuid.UUID, now: datetime) -> HttpResponse:
    try:
        intent = start_payment(
            actor=request.actor, order_id=order_id, completion=completion, gateway=gateway(), now=now
        )
    except GatewayError as error:
        problem = keep_refusal(actor=request.actor, order_id=order_id, error=error, now=now)
        return _problem_answer(request, problem, message_for(problem.code), status=CONFLICT)
    if intent.state in (IntentState.SUCCEEDED, IntentState.PROCESSING):
        return JsonResponse({"go": reverse_o(request, "payment-return", order_id=order_id)})
    _fill_in(request, asdict(completion.billing), now=now)
    back = request.build_absolute_uri(reverse_o(request, "payment-return", order_id=order_id))
    return JsonResponse({"client_secret": intent.client_secret, "return_url": back, "save_card": completion.save_card})


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
    span = term_span(anchor=clock.now().date(), number=1)
    offered = card_is_offered(order.total)
    context: dict[str, Any] = {
        "order": order,
        "summary": summary_of_order(order, span=span, card_is_offered=offered),
        "problem": problem,
        "message": _message(problem) if problem is not None else None,
    }
    if offered:
        context["form"] = BillingForm(initial=_known(request, order))
        context["terms"] = catalog.current_policy(PolicyKind.TERMS)
        context["card"] = card_element(request, amount=order.total)
    return render(request, "web/payment/payment.html", context)


def _known(request: OrganizationRequest, order: Order) -> dict[str, Any]:
    """The billing details as they were last given: for this order, for the organization, for its last order."""
    if order.buyer is not None:
        return {**order.buyer, "purchase_order": order.purchase_order, "amount_shown": order.gross}
    organization = request.organization
    known = _address_of(organization)
    if not organization.street:
        last = orders.last_buyer_for(actor=request.actor)
        known |= {field: value for field, value in last.items() if value and not known.get(field)}
    return {**known, "amount_shown": order.gross}


def _address_of(organization: Organization) -> dict[str, Any]:
    return {
        "name": organization.name,
        "country": organization.country.code,
        "street": organization.street,
        "postal_code": organization.postal_code,
        "city": organization.city,
        "vat_number": organization.vat_number,
        "email": organization.billing_email,
    }


def _fill_in(request: OrganizationRequest, given: dict[str, str], *, now: datetime) -> None:
    """Keep the address with an organization that has none, where the buyer may change it."""
    organization = request.organization
    if organization.street or Permission.ORGANIZATION_CHANGE not in request.actor.permissions:
        return
    wanted = {field: given[field] for field in FILLED_IN if given[field] and not getattr(organization, field)}
    if given["email"] and not organization.billing_email:
        wanted["billing_email"] = given["email"]
    change_organization(actor=request.actor, changes=wanted, now=now)


def _message(problem: PaymentProblem) -> PaymentMessage:
    # Still "paying" after the provider couldn't be asked: the buyer had confirmed, and nobody knows how that went.
    return message_for(problem.code, outcome_is_known=problem.order.state != OrderState.PAYING)


def _problem_answer(
    request: OrganizationRequest, problem: PaymentProblem, message: PaymentMessage, *, status: int = 200
) -> HttpResponse:
    context = {"problem": problem, "message": message}
    note = render_to_string("web/payment/problem.html", context, request)
    return JsonResponse({"note": note, "beside_card": str(message.beside_card)}, status=status)


def _refusal_answer(request: OrganizationRequest, error: KeywrightError, *, order_id: uuid.UUID) -> HttpResponse:
    context = {"sentence": error.message, "reload_url": reverse_o(request, "payment", order_id=order_id)}
    note = render_to_string("web/payment/refusal.html", context, request)
    return JsonResponse({"note": note, "beside_card": ""}, status=CONFLICT)
