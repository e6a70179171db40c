from __future__ import annotations

import uuid
from datetime import date

import pytest
from activating import licensed, server, take  # noqa: F401 (fixtures)

from keywright_portal.catalog.models import Plan
from keywright_portal.domain.term import term_span
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.issue import Grant, issue_license
from keywright_portal.subscriptions.models import Subscription, Term

ANCHOR = date(2026, 3, 12)


@pytest.fixture
def make_term(catalog, buyer, now):
    """A term of its own subscription."""

    def _make(seats=200, *, plan="E20", organization=None):
        sold = Plan.objects.select_related("product").get(code=plan)
        subscription = Subscription.objects.create(
            organization=organization or buyer.organization,
            product=sold.product,
            anchor=date(2026, 3, 12),
            created_at=now,
        )
        span = term_span(anchor=ANCHOR, number=1)
        return Term.objects.create(
            subscription=subscription,
            number=1,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            plan=sold,
            seats=seats,
            price_per_user=12_240,
            currency="USD",
        )

    return _make


@pytest.fixture
def issue(make_term, now):
    def _issue(term=None, *, grant_id=None, at=now, seats=None, runs_until=None):
        term = term or make_term()
        if seats is not None:
            term.seats = seats
        grant = Grant(
            id=grant_id or uuid.uuid4(),
            term=term,
            organization=term.subscription.organization,
            product=term.plan.product,
            plan=term.plan,
            add_ons=list(term.plan.add_ons.all()),
            role_email="licensing@brightwater.example",
            issuer="Example Software",
            runs_until=runs_until,
        )
        return issue_license(grant=grant, actor=system("test"), now=at)

    return _issue
