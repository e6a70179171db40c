"""Complete, for the payment page's script: what it needs to go on, or what to correct first."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from keywright_portal.accounts.services.change_organization import change_organization
from keywright_portal.billing import selectors as billing
from keywright_portal.billing.errors import TooManyCardTriesError
from keywright_portal.billing.services.take_card_try import take_card_try
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import KeywrightError, NotFoundError, PermissionDeniedError
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.services.place_on_invoice import place_on_invoice
from keywright_portal.orders.services.record_problem import keep_refusal
from keywright_portal.orders.services.start_payment import start_payment
from keywright_portal.payments.gateway import GatewayError, IntentState, gateway
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.card_tries import address_of
from keywright_portal.web.forms.billing import BillingForm
from keywright_portal.web.payment_answers import CONFLICT, problem_answer, refusal_answer, too_many_answer
from keywright_portal.web.payment_messages import message_for

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_portal.billing.models import SavedCard
    from keywright_portal.orders.models import Order

FILLED_IN: Final = ("street", "postal_code", "city", "vat_number")
"""What an organization that hasn't said it yet is taken to say when it buys; `billing_email` besides."""
UNPROCESSABLE: Final = 422


@require_POST
@never_cache
@organization_page
def payment_start(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """By card: what the script confirms with the bank. By invoice: where the page goes on."""
    request.actor.require(Permission.ORDER)
    form = BillingForm(request.POST)
    if not form.is_valid():
        errors = {field: str(sentences[0]) for field, sentences in form.errors.items()}
        return JsonResponse({"errors": errors}, status=UNPROCESSABLE)
    order = orders.order_for(actor=request.actor, order_id=order_id)
    try:
        pay = _pay_by_transfer if form.is_by_transfer else _pay_by_card
        return pay(request, form, order=order, now=clock.now())
    except (NotFoundError, PermissionDeniedError):
        raise
    except TooManyCardTriesError as error:
        return too_many_answer(request, error, order=order)
    except KeywrightError as error:
        if error.field in form.fields:
            return JsonResponse({"errors": {error.field: str(error.message)}}, status=UNPROCESSABLE)
        if orders.order_for(actor=request.actor, order_id=order_id).is_unfinished:
            return refusal_answer(request, error.message, order=order)
        # Paid, or discarded, in another tab: where that one is, this one should be too.
        return _go(request, order)


def _pay_by_card(request: OrganizationRequest, form: BillingForm, *, order: Order, now: datetime) -> HttpResponse:
    card = _chosen_card(request, form)
    if card is None and form.cleaned_data["card"] is not None:
        gone = _("That card was removed in another window. Choose another card, or enter one.")
        return refusal_answer(request, gone, order=order)
    take_card_try(actor=request.actor, address=address_of(request), order_id=order.pk, now=now)
    completion = form.completion()
    try:
        intent = start_payment(
            actor=request.actor, order_id=order.pk, completion=completion, gateway=gateway(), now=now
        )
    except GatewayError as error:
        problem = keep_refusal(actor=request.actor, order_id=order.pk, error=error, now=now)
        return problem_answer(request, problem, message_for(problem.code), status=CONFLICT)
    if intent.state in (IntentState.SUCCEEDED, IntentState.PROCESSING):
        return _go(request, order)
    _fill_in(request, asdict(completion.billing), now=now)
    return JsonResponse(
        {
            "client_secret": intent.client_secret,
            "return_url": request.build_absolute_uri(reverse_o(request, "payment-return", order_id=order.pk)),
            "save_card": completion.save_card,
            "payment_method": card.provider_method_id if card is not None else None,
        }
    )


def _pay_by_transfer(request: OrganizationRequest, form: BillingForm, *, order: Order, now: datetime) -> HttpResponse:
    completion = form.completion()
    try:
        place_on_invoice(actor=request.actor, order_id=order.pk, completion=completion, gateway=gateway(), now=now)
    except GatewayError as error:
        # A card payment that was begun couldn't be cancelled: the order stays as it is.
        problem = keep_refusal(actor=request.actor, order_id=order.pk, error=error, now=now)
        return problem_answer(request, problem, message_for(problem.code), status=CONFLICT)
    _fill_in(request, asdict(completion.billing), now=now)
    return JsonResponse({"go": reverse_o(request, "order-invoiced", order_id=order.pk)})


def _chosen_card(request: OrganizationRequest, form: BillingForm) -> SavedCard | None:
    """The saved card that is to be charged; None for a new one, and for one that isn't there any more."""
    chosen = form.cleaned_data["card"]
    if chosen is None:
        return None
    return next((card for card in billing.saved_cards_for(actor=request.actor) if card.pk == chosen), None)


def _go(request: OrganizationRequest, order: Order) -> JsonResponse:
    return JsonResponse({"go": reverse_o(request, "payment-return", order_id=order.pk)})


def _fill_in(request: OrganizationRequest, given: dict[str, str], *, now: datetime) -> None:
    """Keep the address with an organization that has none, where the buyer may change it."""
    organization = request.organization
    if organization.street or Permission.ORGANIZATION_CHANGE not in request.actor.permissions:
        return
    wanted = {field: given[field] for field in FILLED_IN if given[field] and not getattr(organization, field)}
    if given["email"] and not organization.billing_email:
        wanted["billing_email"] = given["email"]
    change_organization(actor=request.actor, changes=wanted, now=now)
