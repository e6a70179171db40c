"""Handing a license file out: whoever gets the bytes leaves a row in the audit trail."""

from __future__ import annotations

import uuid
from datetime import datetime

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.selectors import license_file_for


def download_license(*, actor: Actor, file_id: uuid.UUID, now: datetime) -> LicenseFile:
    """One file in force, with its bytes. Raises NotFoundError, PermissionDeniedError."""
    file = license_file_for(actor=actor, file_id=file_id)
    _record(file, actor=actor, organization_id=actor.own_organization_id, now=now)
    return file


def download_by_link(*, file: LicenseFile, actor: Actor, now: datetime) -> LicenseFile:
    """The file that a link led to, for whoever was sent the link: nobody is signed in, the link is what permits it."""
    _record(file, actor=actor, organization_id=file.license.organization_id, now=now)
    return file


def _record(file: LicenseFile, *, actor: Actor, organization_id: uuid.UUID, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="license.downloaded",
        subject=file,
        subject_id=file.pk,
        organization_id=organization_id,
        now=now,
        after={"file": str(file.file_id), "format": file.format},
    )
