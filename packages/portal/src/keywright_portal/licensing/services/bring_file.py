"""Taking a file that a person carried from a System Console without a network: request, release, or usage reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from keywright_license import activation, usage
from keywright_license.errors import LicenseError, WrongKindError
from keywright_license.limits import MAX_EXPORT_BYTES
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.licensing.deployment_errors import TooManyReportsError, refused
from keywright_portal.licensing.deployment_models import Deployment
from keywright_portal.licensing.services.activate import activate
from keywright_portal.licensing.services.record_usage import Recorded, record_usage
from keywright_portal.licensing.services.release import release_by_deployment

LONGEST_FILE: Final = MAX_EXPORT_BYTES
"""Bytes. The longest that a System Console makes is an export of usage reports."""


class FileKind(StrEnum):
    REQUEST = "request"
    RELEASE = "release"
    USAGE = "usage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What the file was, and of which server. `recorded` is there for usage reports."""

    kind: FileKind
    deployment: Deployment
    recorded: Recorded | None = None


def bring_file(*, data: bytes, actor: Actor, now: datetime) -> Brought:
    """Do what the file asks for; its kind is told by what is signed in it, never by its name. A person brings files of
    their own organization's servers only.

    Raises PermissionDeniedError, and all that `activate`, `release_by_deployment` and `record_usage` raise.
    """
    actor.require(Permission.LICENSE_DOWNLOAD)
    organization_id = actor.own_organization_id
    if len(data) > LONGEST_FILE:
        raise TooManyReportsError
    kind = kind_of(data, now=now)
    if kind is FileKind.USAGE:
        recorded = record_usage(reports=data, actor=actor, organization_id=organization_id, now=now)
        return Brought(kind=kind, deployment=recorded.deployment, recorded=recorded)
    if kind is FileKind.RELEASE:
        place = release_by_deployment(release=data, actor=actor, organization_id=organization_id, now=now)
        return Brought(kind=kind, deployment=place)
    done = activate(request=data, actor=actor, organization_id=organization_id, now=now)
    return Brought(kind=kind, deployment=done.deployment)


def kind_of(data: bytes, *, now: datetime) -> FileKind:
    """What the first line says it is; it proves nothing. Raises what `refused` makes of another kind, or of no such
    file.
    """
    first = data.lstrip().split(b"\n", 1)[0].rstrip(b"\r")
    try:
        for kind, kid_of in ((FileKind.USAGE, usage.kid_of_report), (FileKind.RELEASE, activation.kid_of_release)):
            try:
                kid_of(first)
            except WrongKindError:
                continue
            return kind
        activation.read_request(first, now=now)
    except LicenseError as error:
        raise refused(error) from error
    return FileKind.REQUEST
