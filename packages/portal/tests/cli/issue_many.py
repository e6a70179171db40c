"""Run by itself, with an installation's environment: issues that many licenses, by the key that signs."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import django

django.setup()

from django.db import transaction  # noqa: E402 (needs a started Django)

import keywright_portal.catalog  # noqa: E402
from keywright_portal.accounts.models import Organization  # noqa: E402
from keywright_portal.catalog.file import read_catalog  # noqa: E402
from keywright_portal.catalog.models import Plan  # noqa: E402
from keywright_portal.catalog.services.apply_catalog import apply_catalog  # noqa: E402
from keywright_portal.domain.term import term_span  # noqa: E402
from keywright_portal.kit import clock  # noqa: E402
from keywright_portal.kit.actor import system  # noqa: E402
from keywright_portal.licensing.services.issue import Grant, issue_license  # noqa: E402
from keywright_portal.subscriptions.models import Subscription, Term  # noqa: E402

CATALOG = Path(keywright_portal.catalog.__file__).parent / "default.toml"


def issue_one(*, organization, plan, now):
    """The files of a license of its own subscription."""
    subscription = Subscription.objects.create(
        organization=organization, product=plan.product, anchor=now.date(), created_at=now
    )
    span = term_span(anchor=now.date(), number=1)
    term = Term.objects.create(
        subscription=subscription,
        number=1,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        plan=plan,
        seats=10,
        price_per_user=100,
        currency="USD",
    )
    grant = Grant(
        id=uuid.uuid4(),
        term=term,
        organization=organization,
        product=plan.product,
        plan=plan,
        add_ons=[],
        role_email="it@many.example",
        issuer="Example Software",
    )
    return issue_license(grant=grant, actor=system("test"), now=now)


def main(count: int) -> None:
    now = clock.now()
    apply_catalog(catalog=read_catalog(CATALOG.read_text(), base_dir=CATALOG.parent), actor=system("test"), now=now)
    plan = Plan.objects.select_related("product").get(code="E20")
    organization = Organization.objects.create(slug="many", name="Many", country="DE", created_at=now)
    with transaction.atomic():
        for _ in range(count):
            issue_one(organization=organization, plan=plan, now=now)


if __name__ == "__main__":
    main(int(sys.argv[1]))
