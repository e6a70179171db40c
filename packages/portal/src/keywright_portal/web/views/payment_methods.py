"""The organization's saved cards."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_portal.billing import selectors as billing
from keywright_portal.billing.errors import CardNeededError, CardNotSavedError, TooManyCardTriesError
from keywright_portal.billing.services.choose_default_card import choose_default_card
from keywright_portal.billing.services.remove_card import remove_card
from keywright_portal.billing.services.save_card import begin_saving_card, finish_saving_card
from keywright_portal.billing.services.take_card_try import take_card_try
from keywright_portal.billing.words import card_in_words
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.payments.gateway import GatewayError, gateway
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.card_element import card_element
from keywright_portal.web.card_tries import address_of, too_many, too_many_message
from keywright_portal.web.payment_messages import PaymentMessage, message_for

if TYPE_CHECKING:
    from keywright_portal.billing.models import SavedCard


@require_safe
@never_cache
@organization_page
def payment_methods(request: OrganizationRequest) -> HttpResponse:
    """The list."""
    now = clock.now()
    needed = billing.needed_card_ids_for(actor=request.actor, now=now)
    cards = [
        {
            "card": card,
            "dialog_id": f"remove-{card.pk}",
            "is_expired": card.is_expired(today=now.date()),
            "is_needed": card.pk in needed,
        }
        for card in billing.saved_cards_for(actor=request.actor)
    ]
    may_change = Permission.BILLING_CHANGE in request.actor.permissions
    return render(request, "web/payment_methods/list.html", {"cards": cards, "may_change": may_change})


@require_safe
@never_cache
@organization_page
def payment_method_add(request: OrganizationRequest) -> HttpResponse:
    """The card fields, without a payment."""
    request.actor.require(Permission.BILLING_CHANGE)
    return _page(request)


@require_POST
@never_cache
@organization_page
def payment_method_start(request: OrganizationRequest) -> HttpResponse:
    """For the page's script: what it needs to confirm the card. Each is a try of a card, and counted."""
    request.actor.require(Permission.BILLING_CHANGE)
    try:
        take_card_try(actor=request.actor, address=address_of(request), order_id=None, now=clock.now())
        setup = begin_saving_card(actor=request.actor, organization=request.organization, gateway=gateway())
    except TooManyCardTriesError as error:
        return too_many(_note(request, too_many_message(error)), error)
    except GatewayError as error:
        return _note(request, message_for(error.code, saves_card=True))
    back = request.build_absolute_uri(reverse_o(request, "payment-method-return"))
    return JsonResponse({"client_secret": setup.client_secret, "return_url": back})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def payment_method_return(request: OrganizationRequest) -> HttpResponse:
    """Where the browser comes back to from the bank; and what the page's script asks when something went wrong. The
    provider is asked whether the card is saved, never the browser.
    """
    setup_id = request.POST.get("setup_intent") or request.GET.get("setup_intent", "")
    try:
        card = finish_saving_card(
            actor=request.actor,
            organization=request.organization,
            setup_id=setup_id,
            gateway=gateway(),
            now=clock.now(),
        )
    except (CardNotSavedError, GatewayError) as error:
        message = message_for(error.reason if isinstance(error, CardNotSavedError) else error.code, saves_card=True)
        reference = error.reference or ""
        if request.method == "POST":
            return _note(request, message, reference=reference)
        return _page(request, message=message, reference=reference)
    messages.success(request, _("%(card)s is saved.") % {"card": _name(card)})
    back = reverse_o(request, "payment-methods")
    return JsonResponse({"go": back}) if request.method == "POST" else redirect(back)


@require_POST
@never_cache
@organization_page
def payment_method_default(request: OrganizationRequest, card_id: uuid.UUID) -> HttpResponse:
    """Puts a card first."""
    card = choose_default_card(actor=request.actor, card_id=card_id, now=clock.now())
    messages.success(request, _("%(card)s is your default card.") % {"card": _name(card)})
    return redirect(reverse_o(request, "payment-methods"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def payment_method_remove(request: OrganizationRequest, card_id: uuid.UUID) -> HttpResponse:
    """Asks, then removes. Says so where no good card is left for a renewal, also if that came about meanwhile."""
    request.actor.require(Permission.BILLING_CHANGE)
    now = clock.now()
    card = billing.saved_card_for(actor=request.actor, card_id=card_id)
    if request.method != "POST":
        return _ask_to_remove(
            request, card, is_needed=card.pk in billing.needed_card_ids_for(actor=request.actor, now=now)
        )
    try:
        knows = bool(request.POST.get("knows_renewals"))
        remove_card(actor=request.actor, card_id=card.pk, knows_renewals=knows, gateway=gateway(), now=now)
    except CardNeededError:
        return _ask_to_remove(request, card, is_needed=True)
    except GatewayError:
        messages.error(request, _("The payment service didn’t answer. The card is still saved; try again in a minute."))
    else:
        messages.success(request, _("%(card)s is removed.") % {"card": _name(card)})
    return redirect(reverse_o(request, "payment-methods"))


def _ask_to_remove(request: OrganizationRequest, card: SavedCard, *, is_needed: bool) -> HttpResponse:
    return render(request, "web/payment_methods/remove.html", {"card": card, "is_needed": is_needed})


def _name(card: SavedCard) -> str:
    return _("%(brand)s ending %(last4)s") % {"brand": card_in_words(card.brand), "last4": card.last4}


def _page(request: OrganizationRequest, *, message: PaymentMessage | None = None, reference: str = "") -> HttpResponse:
    context = {"card": card_element(request, amount=None), "message": message, "reference": reference}
    return render(request, "web/payment_methods/add.html", context)


def _note(request: OrganizationRequest, message: PaymentMessage, *, reference: str = "") -> JsonResponse:
    context = {"message": message, "reference": reference}
    note = render_to_string("web/payment_methods/problem.html", context, request)
    return JsonResponse({"note": note, "beside_card": str(message.beside_card)})
