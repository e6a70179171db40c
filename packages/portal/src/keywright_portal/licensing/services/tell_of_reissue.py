"""Telling an organization that its license keys were signed anew."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from keywright_portal.accounts.models import Membership, Organization
from keywright_portal.accounts.selectors import PERMISSIONS
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.licensing.models import License, LicenseFile, Reissue


@transaction.atomic
def tell_of_reissue(*, reissue_id: uuid.UUID, organization_ids: Sequence[uuid.UUID], now: datetime) -> int:
    """Mail whoever may download licenses of these organizations, once a reissue each; how many mails were asked for.

    The mail holds no key: it leads to the page where the new ones are.
    """
    if not Reissue.objects.filter(pk=reissue_id).exists():
        return 0
    vendor = catalog.vendor()
    organizations = Organization.objects.in_bulk(organization_ids)
    licenses = _in_force(organization_ids)
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.LICENSE_DOWNLOAD in permissions]
    members = Membership.objects.filter(organization__in=organization_ids, role__in=roles).select_related("user")
    count = 0
    for member in members.order_by("organization_id", "created_at", "pk"):
        organization = organizations[member.organization_id]
        enqueue_mail(
            key=f"reissue:{reissue_id}:{organization.pk}:{member.user_id}",
            sender=vendor.mail_sender,
            to=member.user.email,
            reply_to=vendor.support_email,
            template="licensing/mail/reissued",
            context={
                "brand": mail_brand(vendor),
                "vendor": vendor,
                "name": member.user.get_short_name(),
                "organization": organization,
                "names": licenses.get(organization.pk, []),
                "subscriptions_url": absolute("subscriptions", organization=organization.slug),
                "support_url": absolute("support"),
            },
            organization_id=organization.pk,
            now=now,
        )
        count += 1
    return count


def _in_force(organization_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The names of the files in force, the first format of each license, by organization."""
    licenses = License.objects.filter(organization__in=organization_ids, revoked_at=None)
    files = LicenseFile.objects.filter(license__in=licenses, superseded_at=None, position=0)
    names: dict[uuid.UUID, list[str]] = {}
    for organization_id, name in files.order_by("name", "pk").values_list("license__organization_id", "name"):
        names.setdefault(organization_id, []).append(name)
    return names
