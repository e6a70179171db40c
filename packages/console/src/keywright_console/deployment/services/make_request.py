from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from keywright_console import __version__
from keywright_console.deployment.licensed import file_of, licensed
from keywright_console.deployment.models import Kind, RequestFile
from keywright_console.deployment.selectors import decided
from keywright_console.deployment.services.hold_key import Identity, hold_key
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import letters, new_id
from keywright_console.kit.models import SINGLE
from keywright_console.licensing.selectors import Installed
from keywright_license.activation import ActivationRequest, DeploymentKind, license_digest, sign_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A signed request with the license that it is about."""

    request: ActivationRequest
    data: bytes
    installed: Installed
    license_file: bytes


def sign_new_request(*, now: datetime) -> Made:
    """A fresh request, for whoever is asked online; nothing of it is kept.

    NoLicenseError; SealedKeyError; NotConfiguredError.
    """
    installed, who, chosen = licensed(now=now), hold_key(now=now), decided()
    file = file_of(installed)
    request = _request(installed, who, file=file, name=chosen.name, kind=Kind(chosen.kind), now=now)
    return Made(request=request, data=sign_request(request, who.key), installed=installed, license_file=file)


def make_request(*, actor: Actor, now: datetime) -> bytes:
    """An activation request to be carried to the portal by hand. It is kept until the next, to be downloaded again."""
    actor.require(Permission.MANAGE_LICENSE)
    made = sign_new_request(now=now)
    with transaction.atomic():
        RequestFile.objects.update_or_create(
            pk=SINGLE,
            defaults={
                "request_id": made.request.id,
                "license_id": made.request.license_id,
                "data": made.data,
                "made_at": now,
            },
        )
        audit.record(
            actor=actor,
            action="deployment.request_made",
            subject=made.request.deployment,
            now=now,
            after={"license": made.request.license_id, "kind": made.request.kind.value},
        )
    return made.data


def _request(
    installed: Installed, who: Identity, *, file: bytes, name: str, kind: Kind, now: datetime
) -> ActivationRequest:
    return ActivationRequest(
        id=letters(new_id()),
        issued_at=now,
        product=installed.license.product,
        license_id=installed.license.id,
        license_sha256=license_digest(file),
        deployment=who.deployment,
        kind=DeploymentKind(kind.value),
        key=who.key.public_key(),
        name=name or None,
        version=__version__,
    )
