"""Handing out the signed answer to a server's request, for who carries it to the server by hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.text import slugify

from keywright_license import zbase32
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.licensing.deployments import deployment_for
from keywright_portal.licensing.services.activate import sign_answer

SUFFIX: Final = ".keywright-activation"
LONGEST_STEM: Final = 60
"""Characters of a file's name that a server's name makes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A file."""

    name: str
    content: bytes


def download_answer(*, actor: Actor, deployment_pk: uuid.UUID, now: datetime) -> Answer:
    """The answer to the server's latest request, as good as on the first day for as long as it holds its place.

    Raises PermissionDeniedError, NotFoundError, NoSigningKeyError.
    """
    actor.require(Permission.LICENSE_DOWNLOAD)
    place = deployment_for(actor=actor, pk=deployment_pk)
    latest = place.requests.order_by("answered_at", "pk").last()
    if latest is None:
        raise RuntimeError("a server has its place by a request, which is kept")
    content = sign_answer(
        deployment=place,
        request_id=zbase32.encode(latest.request_id),
        license_id=zbase32.encode(latest.license_id),
        now=now,
    )
    audit.record(
        actor=actor,
        action="deployment.answer_downloaded",
        subject=place,
        subject_id=place.pk,
        organization_id=place.organization_id,
        now=now,
        after={"request": str(latest.request_id)},
    )
    return Answer(f"{slugify(place.name)[:LONGEST_STEM] or 'server'}{SUFFIX}", content)
