"""A subscription with its license, without the purchase that brings both."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import Plan
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.services.issue import Grant, issue_license
from keywright_portal.subscriptions.models import Term
from keywright_portal.subscriptions.services.open_subscription import open_subscription


@transaction.atomic
def license_for(
    organization: Organization, *, now: datetime, seats: int = 200, plan: str = "E20", premier: bool = True
) -> LicenseFile:
    """The first format's file, in force."""
    sold = Plan.objects.select_related("product").get(code=plan)
    term = open_subscription(
        organization=organization,
        plan=sold,
        add_ons=list(sold.add_ons.all()) if premier else [],
        seats=seats,
        price_per_user=Money(12_240, "USD"),
        cause_id=uuid.uuid4(),
        actor=system("test"),
        now=now,
    )
    return issue_again(term, now=now)


def issue_again(term: Term, *, now: datetime) -> LicenseFile:
    """The file for the term as it is now, which supersedes the one before."""
    grant = Grant(
        id=uuid.uuid4(),
        term=term,
        organization=term.subscription.organization,
        product=term.plan.product,
        plan=term.plan,
        add_ons=list(term.add_ons.all()),
        role_email="licensing@brightwater.example",
        issuer="Example Software",
    )
    return issue_license(grant=grant, actor=system("test"), now=now)[0]
