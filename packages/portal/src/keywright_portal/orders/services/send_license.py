"""Sending a license to the System Admin who will apply it: a link that works for a week, never the key itself."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.errors import KeywrightError, NotFoundError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.errors import LicenseRevokedError
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.selectors import license_file_for

LINK_LIFE: Final = timedelta(days=7)
"""Long enough for a maintenance window, short enough that a forgotten mail is worth nothing."""
SENDS_A_DAY: Final = 20
"""Of one organization: nobody has more admins to tell, and the portal is no one's mail relay."""
_SALT: Final = "keywright.license-link"


class TooManySendsError(KeywrightError):
    code = "too_many_sends"


class LinkExpiredError(KeywrightError):
    code = "link_expired"


@transaction.atomic
def send_license(*, actor: Actor, file_id: uuid.UUID, to: str, sender_name: str, now: datetime) -> OutboxMail:
    """Mail `to` a link to one license file. Raises NotFoundError, PermissionDeniedError, TooManySendsError,
    LicenseRevokedError.
    """
    file = license_file_for(actor=actor, file_id=file_id)
    # Counted under the organization's lock, so that many at once are no more than one after the other.
    Organization.objects.select_for_update(of=("self",)).get(pk=actor.own_organization_id)
    prefix = f"license-link:{actor.organization_id}:"
    sent = OutboxMail.objects.filter(key__startswith=prefix, created_at__gt=now - timedelta(days=1)).count()
    if sent >= SENDS_A_DAY:
        raise TooManySendsError(_("You have sent many license keys today. Send the next one tomorrow, or download it."))
    token = signing.dumps({"file": str(file.pk), "until": int((now + LINK_LIFE).timestamp())}, salt=_SALT)
    vendor = catalog.vendor()
    audit.record(
        actor=actor,
        action="license.sent",
        subject=file,
        subject_id=file.pk,
        organization_id=actor.organization_id,
        now=now,
    )
    return enqueue_mail(
        key=f"{prefix}{uuid7()}",
        sender=vendor.mail_sender,
        to=to,
        reply_to=vendor.support_email,
        template="orders/mail/license_link",
        context={
            "brand": mail_brand(vendor),
            "vendor": vendor,
            "organization": file.license.organization,
            "sender_name": sender_name,
            "file": file,
            "last_day": (now + LINK_LIFE).date(),
            "download_url": absolute("license-link", token=token),
            "support_url": absolute("support"),
        },
        organization_id=actor.organization_id,
        now=now,
    )


def open_license_link(*, token: str, now: datetime) -> LicenseFile:
    """The file in force that a link leads to. A file that was superseded since leads to the one that took its place, in
    the product's first format where it is no longer issued in the one that was sent.

    Raises NotFoundError for a link that isn't ours, LinkExpiredError for one that is too old, LicenseRevokedError.
    """
    require_whole_link = _("This link isn’t complete. Copy the whole link from the mail, or ask who sent it.")
    try:
        said = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise NotFoundError(require_whole_link) from error
    if now.timestamp() > said["until"]:
        raise LinkExpiredError(_("This link worked for 7 days and has ended. Ask who sent it to send it again."))
    file = LicenseFile.objects.filter(pk=said["file"]).first()
    if file is None:
        raise NotFoundError(require_whole_link)
    in_force = list(
        LicenseFile.objects.select_related("license__organization", "license__term__plan").filter(
            license_id=file.license_id, superseded_at=None
        )
    )
    found = next((one for one in in_force if one.format == file.format), in_force[0])
    if found.license.revoked_at is not None:
        raise LicenseRevokedError
    return found
