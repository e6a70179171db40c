"""Opening a subscription with its first term."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import AddOn, Plan
from keywright_portal.domain.money import Money
from keywright_portal.domain.term import term_span
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.insert import insert
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term


def open_subscription(
    *,
    organization: Organization,
    plan: Plan,
    add_ons: Sequence[AddOn],
    seats: int,
    price_per_user: Money,
    cause_id: uuid.UUID,
    actor: Actor,
    now: datetime,
) -> Term:
    """A subscription whose first term of 12 months begins on the UTC day of `now`, with `seats` in its ledger.

    Runs in the caller's transaction. `cause_id`, the order's id, is unique in the ledger: a second call with it fails
    on the constraint and undoes all of the caller's transaction.
    """
    anchor = now.date()
    span = term_span(anchor=anchor, number=1)
    subscription = Subscription(organization=organization, product_id=plan.product_id, anchor=anchor, created_at=now)
    term = Term(
        subscription=subscription,
        number=1,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        plan=plan,
        seats=seats,
        price_per_user=price_per_user.amount,
        currency=price_per_user.currency,
    )
    insert(subscription)
    insert(term)
    # Not `set`, which first asks what a term has that was made a moment ago.
    Term.add_ons.through.objects.bulk_create(
        Term.add_ons.through(term_id=term.pk, addon_id=add_on.pk) for add_on in add_ons
    )
    insert(SeatLedgerEntry(term=term, seats=seats, cause_id=cause_id, created_at=now))
    audit.record(
        actor=actor,
        action="subscription.opened",
        subject=subscription,
        subject_id=subscription.pk,
        organization_id=organization.pk,
        now=now,
        after={"plan": plan.code, "seats": seats, "term": [span.starts_at.isoformat(), span.ends_at.isoformat()]},
    )
    return term
