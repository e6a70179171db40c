"""Telling an organization once that nobody activated what it bought. Nothing else ever follows from that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from keywright_look.dates import long_date
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit.links import absolute
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.deployment_models import Deployment, Kind
from keywright_portal.licensing.models import License
from keywright_portal.licensing.services.announce_deployment import Word, tell_organization

QUIET: Final = timedelta(days=14)
"""From the license's day on: pages warn from the first day, and nobody is written to before this is over."""
NO_LONGER: Final = timedelta(days=30)
"""After QUIET: who hasn't activated by then doesn't mean to, and an old portal doesn't write to all at once."""


def remind_unactivated(*, now: datetime) -> int:
    """Mail owners and admins of each subscription that has had no production server for QUIET; how many subscriptions.

    Each is told of once, by its first license, however often this runs.
    """
    ever = Deployment.objects.filter(subscription_id=OuterRef("term__subscription_id"), kind=Kind.PRODUCTION)
    waiting = (
        License.objects.filter(
            created_at__lte=now - QUIET,
            created_at__gt=now - QUIET - NO_LONGER,
            revoked_at=None,
            term__number=1,
        )
        .exclude(Exists(ever))
        .select_related("organization", "term__plan", "term__subscription")
        .order_by("created_at", "pk")
    )
    told = 0
    vendor: VendorDetails | None = None
    for license_ in waiting.iterator():
        key = f"subscription:{license_.term.subscription_id}:not-activated"
        if OutboxMail.objects.filter(key__startswith=f"{key}:").exists():
            continue
        vendor = vendor or catalog.vendor()
        _tell(license_, key=key, vendor=vendor, now=now)
        told += 1
    return told


@transaction.atomic
def _tell(license_: License, *, key: str, vendor: VendorDetails, now: datetime) -> None:
    term = license_.term
    name = term.subscription.label or term.plan.name
    word = Word(
        subject=_("%(subscription)s isn’t activated yet") % {"subscription": name},
        heading=_("Your server isn’t activated yet"),
        intro=_(
            "You have had %(subscription)s since %(day)s, and no server holds its place yet. Apply the license in the "
            "System Console of your server, and activate it there under About › Deployment."
        )
        % {"subscription": name, "day": long_date(license_.created_at)},
        facts=[(_("License type"), term.plan.code), (_("Number of users"), str(term.seats))],
        more=_("Nothing stops if you don’t. A server without a network is activated with files, on the same page."),
        button=_("See how to activate"),
    )
    url = absolute("deployments", organization=license_.organization.slug)
    tell_organization(key=key, organization_id=license_.organization_id, url=url, word=word, vendor=vendor, now=now)
