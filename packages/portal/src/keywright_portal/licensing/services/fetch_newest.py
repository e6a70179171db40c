"""Handing a server the files in force of its subscription: the one that superseded its own, and the next term's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from keywright_license import GRACE_DAYS, keys, zbase32
from keywright_portal.kit import audit
from keywright_portal.licensing.deployment_errors import NotActivatedError, UnknownLicenseError
from keywright_portal.licensing.deployment_models import LONGEST_VERSION, Deployment
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.services.activate import ONLINE_MAX_AGE, licensed_file, read_request

if TYPE_CHECKING:
    from keywright_portal.kit.actor import Actor

GRACE: Final = timedelta(days=GRACE_DAYS)


def fetch_newest(
    *, request: bytes, subscription: str, form: str | None, actor: Actor, now: datetime
) -> list[LicenseFile]:
    """The files in force of every term that isn't over, the earliest first, with their bytes.

    `request` is a fresh activation request of the server, which proves its license and its key. `form` is a format's
    name; None: that of the license in the request. None is listed of a license that was revoked.

    Raises UnknownLicenseError, WrongProductError, NotActivatedError, and what `refused` makes of a bad request.
    """
    asked = read_request(request, now=now, max_age=ONLINE_MAX_AGE)
    named = licensed_file(asked)
    subscription_id = named.license.term.subscription_id
    if zbase32.encode(subscription_id) != subscription:
        raise UnknownLicenseError
    place = Deployment.objects.filter(
        subscription_id=subscription_id,
        kid=keys.thumbprint(asked.key),
        deployment_id=zbase32.decode(asked.deployment),
        released_at=None,
    ).first()
    if place is None:
        raise NotActivatedError
    files = list(
        LicenseFile.objects.filter(
            license__term__subscription_id=subscription_id,
            license__revoked_at=None,
            superseded_at=None,
            expires_at__gt=now - GRACE,
            format=form or named.format,
        )
        .select_related("license__term")
        .order_by("license__term__number")
    )
    with transaction.atomic():
        seen = {"last_seen_at": now} | ({"version": asked.version[:LONGEST_VERSION]} if asked.version else {})
        Deployment.objects.filter(pk=place.pk, last_seen_at__lte=now).update(**seen)
        for file in files:
            if file.issued_at > named.issued_at:
                _record(file, place=place, actor=actor, now=now)
    return files


def _record(file: LicenseFile, *, place: Deployment, actor: Actor, now: datetime) -> None:
    """Whoever gets the bytes of another file than its own leaves a row."""
    audit.record(
        actor=actor,
        action="license.downloaded",
        subject=file,
        subject_id=file.pk,
        organization_id=place.organization_id,
        now=now,
        after={"file": str(file.file_id), "format": file.format, "deployment": str(place.pk)},
    )
