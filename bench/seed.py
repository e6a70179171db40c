"""Customers for the benchmarks, made by the services that real ones go through. Run in the portal's own Django."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402 (models can be imported only now)
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import transaction  # noqa: E402

from keywright_portal.accounts.models import Membership, Organization, Role, User  # noqa: E402
from keywright_portal.catalog import selectors as catalog  # noqa: E402
from keywright_portal.domain.money import Money  # noqa: E402
from keywright_portal.kit import clock  # noqa: E402
from keywright_portal.kit.actor import system  # noqa: E402
from keywright_portal.kit.ids import uuid7  # noqa: E402
from keywright_portal.licensing.services.issue import Grant, issue_license  # noqa: E402
from keywright_portal.subscriptions.services.open_subscription import open_subscription  # noqa: E402

SEATS = 200


def customer(slug: str, *, subscriptions: int) -> dict[str, str]:
    """A signed-in owner of an organization with so many licensed subscriptions; its slug and session cookie."""
    now = clock.now()
    organization = Organization.objects.create(slug=slug, name=slug.title(), country="DE", created_at=now)
    user = User.objects.create(email=f"owner@{slug}.example", name="Bench Owner")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(user=user, organization=organization, role=Role.OWNER, created_at=now)
    with transaction.atomic():
        for _ in range(subscriptions):
            subscribe(organization)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"slug": slug, "cookie": settings.SESSION_COOKIE_NAME, "session": session.session_key or ""}


def subscribe(organization: Organization) -> None:
    now, actor = clock.now(), system("bench")
    offered = catalog.offered_plan(code="E20", currency="USD")
    add_ons = [add_on.add_on for add_on in offered.add_ons]
    grant_id = uuid7()
    term = open_subscription(
        organization=organization,
        plan=offered.plan,
        add_ons=add_ons,
        seats=SEATS,
        price_per_user=Money(12_240, "USD"),
        cause_id=grant_id,
        actor=actor,
        now=now,
    )
    grant = Grant(
        id=grant_id,
        term=term,
        organization=organization,
        product=offered.plan.product,
        plan=offered.plan,
        add_ons=add_ons,
        role_email="",
        issuer="Example Software",
    )
    issue_license(grant=grant, actor=actor, now=now)


if __name__ == "__main__":
    made = [customer(slug, subscriptions=int(count)) for slug, count in json.loads(sys.argv[1]).items()]
    print(json.dumps(made))
