"""Giving a buyer what an order is for: its subscription, and its license, for good or until it is paid."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from keywright_portal.billing.models import Invoice
from keywright_portal.catalog.models import AddOn
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.services.issue import Grant, issue_license
from keywright_portal.orders.models import Order
from keywright_portal.subscriptions.models import Term
from keywright_portal.subscriptions.services.open_subscription import open_subscription

_ADD_ONS: Final = PreparedModels(
    lambda order_id: AddOn.objects.filter(
        pk__in=Order.add_ons.through.objects.filter(order_id=order_id).values("addon_id")
    ),
    uuid.UUID,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """The order's term with its add-ons, and the files in force."""

    term: Term
    add_ons: Sequence[AddOn]
    files: Sequence[LicenseFile]


def provide(
    *, order: Order, vendor: VendorDetails, actor: Actor, now: datetime, runs_until: datetime | None = None
) -> Provided:
    """Open the order's subscription, unless it was opened before, and issue the license of its term.

    In the caller's transaction, which holds the order's lock and saves the order afterwards. The full license's grant
    is the order's own id; the one that runs until it is paid has an id made from it, and the full one supersedes it.
    """
    add_ons = _ADD_ONS(order.pk)
    if order.subscription_id is not None:
        term = Term.objects.get(seat_entries__cause_id=order.pk)
    else:
        term = open_subscription(
            organization=order.organization,
            plan=order.plan,
            add_ons=add_ons,
            seats=order.seats,
            price_per_user=Money(order.price_per_user, order.currency),
            cause_id=order.pk,
            actor=actor,
            now=now,
        )
        order.subscription_id = term.subscription_id
    files = issue_license(
        grant=Grant(
            id=order.pk if runs_until is None else grant_before_payment(order.pk),
            term=term,
            organization=order.organization,
            product=order.plan.product,
            plan=order.plan,
            add_ons=add_ons,
            role_email=str((order.buyer or {}).get("email") or order.organization.billing_email),
            issuer=vendor.name,
            runs_until=runs_until,
        ),
        actor=actor,
        now=now,
    )
    return Provided(term=term, add_ons=add_ons, files=files)


def grant_before_payment(order_id: uuid.UUID) -> uuid.UUID:
    """The grant of the license that an order has until its transfer came: always the same one for the same order."""
    return uuid.uuid5(order_id, "before payment")


def finish(*, order: Order, before: str, invoice: Invoice, provided: Provided, actor: Actor, now: datetime) -> None:
    """Save the order, which the caller has moved from `before`: its money is here, and what it is for was provided."""
    order.fulfilled_at = order.paid_at = order.updated_at = now
    order.save()
    audit.record(
        actor=actor,
        action="order.fulfilled",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={
            "state": order.state,
            "invoice": invoice.number,
            "subscription": str(provided.term.subscription_id),
        },
    )
