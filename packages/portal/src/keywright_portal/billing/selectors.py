"""Reading invoices and saved cards, always for an actor."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.models import Invoice, SavedCard
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedModels, PreparedQuery
from keywright_portal.subscriptions.selectors import RENEWAL_ENDS, current_terms


def invoices_for(*, actor: Actor) -> QuerySet[Invoice]:
    """The organization's invoices, newest first, without their PDFs. For a page of them, slice it."""
    actor.require(Permission.BILLING_READ)
    return (
        Invoice.objects.filter(organization_id=actor.own_organization_id)
        .defer("pdf")
        .prefetch_related("lines", "payments")
    )


def invoice_for(*, actor: Actor, invoice_id: uuid.UUID) -> Invoice:
    """One invoice with its PDF. Another organization's is not found."""
    actor.require(Permission.BILLING_READ)
    invoice = Invoice.objects.filter(pk=invoice_id, organization_id=actor.own_organization_id).first()
    if invoice is None:
        raise NotFoundError(_("There is no such invoice here. Your invoices are listed under Billing history."))
    return invoice


def invoice_of_order_for(*, actor: Actor, order_id: uuid.UUID) -> Invoice | None:
    """The invoice of one order, with its payment and without its PDF."""
    actor.require(Permission.READ)
    return (
        Invoice.objects.filter(order_id=order_id, organization_id=actor.own_organization_id)
        .defer("pdf")
        .prefetch_related("payments")
        .first()
    )


@dataclass(frozen=True, slots=True)
class InvoiceOfPurchase:
    """What the page of a license that was just bought says of its invoice, and of the first payment of that.

    `method` and the card are empty where none came yet.
    """

    pk: uuid.UUID
    number: str
    total: Money
    method: str
    card_brand: str
    card_last4: str


def invoice_of_purchase_for(*, actor: Actor, order_id: uuid.UUID) -> InvoiceOfPurchase | None:
    """The invoice of one order. One query, prepared: each purchase asks it."""
    actor.require(Permission.READ)
    for pk, number, gross, currency, *paid_by in _OF_PURCHASE(order_id, actor.own_organization_id):
        return InvoiceOfPurchase(pk, number, Money(gross, currency), *(said or "" for said in paid_by))
    return None


def _of_purchase(order_id: uuid.UUID, organization_id: uuid.UUID) -> QuerySet[Any, tuple[Any, ...]]:
    found = Invoice.objects.filter(order_id=order_id, organization_id=organization_id).order_by("payments__position")
    paid_by = (f"payments__{name}" for name in ("method", "card_brand", "card_last4"))
    return found.values_list("pk", "number", "gross", "currency", *paid_by)[:1]


_OF_PURCHASE: Final = PreparedQuery(_of_purchase, uuid.UUID, uuid.UUID)


def saved_cards_for(*, actor: Actor) -> list[SavedCard]:
    """The organization's cards that weren't removed, the default in front. One query, prepared."""
    actor.require(Permission.BILLING_READ)
    return _SAVED_CARDS(actor.own_organization_id)


_SAVED_CARDS: Final = PreparedModels(
    lambda organization_id: SavedCard.objects.filter(organization_id=organization_id, removed_at=None), uuid.UUID
)


def saved_card_for(*, actor: Actor, card_id: uuid.UUID) -> SavedCard:
    """One card that wasn't removed. Another organization's is not found."""
    for card in saved_cards_for(actor=actor):
        if card.pk == card_id:
            return card
    raise NotFoundError(_("There is no such card here. Your cards are listed under Payment methods."))


def needed_card_ids_for(*, actor: Actor, now: datetime) -> set[uuid.UUID]:
    """The card whose removal leaves no good one for the next renewal, where the organization has something to renew."""
    good = [card.pk for card in saved_cards_for(actor=actor) if not card.is_expired(today=now.date())]
    if len(good) != 1:
        return set()
    renewable = current_terms(organization_id=actor.own_organization_id, now=now).filter(ends_at__gt=now - RENEWAL_ENDS)
    return set(good) if renewable.exists() else set()
