"""Releasing a place: at once by the server itself, or after a wait by a customer whose server is lost."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from keywright_license import activation as wire
from keywright_license import zbase32
from keywright_license.errors import LicenseError
from keywright_portal.catalog import selectors as catalog
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import InvalidTransitionError, NotFoundError
from keywright_portal.licensing.deployment_errors import UnknownActivationError, refused
from keywright_portal.licensing.deployment_models import Deployment, ReleasedBy
from keywright_portal.licensing.services.announce_deployment import release_asked, release_cancelled, released

WAITING_TIME: Final = timedelta(days=7)
"""For a server that can't say itself that it gives its place back: long enough for whoever still runs it to object."""


def release_by_deployment(
    *, release: bytes, actor: Actor, now: datetime, organization_id: uuid.UUID | None = None
) -> Deployment:
    """Free the place that the signed release names. Again with the same release: nothing more happens.

    The release names the activation that gave the place, so an old one frees nothing that was taken anew. With
    `organization_id`, a server of another organization is unknown.

    Raises UnknownActivationError, and what `refused` makes of a file that can't be trusted.
    """
    try:
        kid = wire.kid_of_release(release)
        known = Deployment.objects.filter(kid=kid).order_by("pk").first()
        if known is None:
            raise UnknownActivationError
        said = wire.read_release(release, key=known.public_key)
    except LicenseError as error:
        raise refused(error) from error
    with transaction.atomic():
        row = _locked().filter(pk=zbase32.decode(said.activation), kid=kid).first()
        if (
            row is None
            or organization_id not in (None, row.organization_id)
            or zbase32.encode(row.subscription_id) != said.subscription
            or zbase32.encode(row.deployment_id) != said.deployment
        ):
            raise UnknownActivationError
        if row.released_at is None:
            _free(row, by=ReleasedBy.DEPLOYMENT, actor=actor, now=now)
    return row


def ask_release(*, actor: Actor, deployment_pk: uuid.UUID, now: datetime) -> Deployment:
    """Have a lost server's place freed in WAITING_TIME. Asked again while it waits: the time stays as it was.

    Raises PermissionDeniedError, NotFoundError.
    """
    actor.require(Permission.ORGANIZATION_CHANGE)
    with transaction.atomic():
        row = _own(actor, deployment_pk)
        if row.release_due_at is None:
            due = now + WAITING_TIME
            row.release_asked_at, row.release_due_at = now, due
            row.save(update_fields=["release_asked_at", "release_due_at"])
            _record(row, action="deployment.release_asked", actor=actor, now=now)
            release_asked(deployment=row, due=due, vendor=catalog.vendor(), now=now)
    return row


def cancel_release(*, actor: Actor, deployment_pk: uuid.UUID, now: datetime) -> Deployment:
    """Leave the place to its server after all.

    Raises PermissionDeniedError, NotFoundError; InvalidTransitionError where no release waits.
    """
    actor.require(Permission.ORGANIZATION_CHANGE)
    with transaction.atomic():
        row = _own(actor, deployment_pk)
        if row.release_due_at is None:
            raise InvalidTransitionError(_("No release of this server is waiting. Nothing was changed."))
        release_cancelled(deployment=row, vendor=catalog.vendor(), now=now)
        row.release_asked_at = row.release_due_at = None
        row.save(update_fields=["release_asked_at", "release_due_at"])
        _record(row, action="deployment.release_cancelled", actor=actor, now=now)
    return row


def release_due(*, actor: Actor, now: datetime) -> int:
    """Free the places whose waiting time is over; how many. Each in a transaction of its own, once."""
    due = Deployment.objects.filter(released_at=None, release_due_at__lte=now).order_by("pk")
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            row = _locked().filter(pk=pk, released_at=None, release_due_at__lte=now).first()
            if row is not None:  # it may have been cancelled, or released by the server, since we looked
                _free(row, by=ReleasedBy.CUSTOMER, actor=actor, now=now)
                done += 1
    return done


def _own(actor: Actor, pk: uuid.UUID) -> Deployment:
    row = _locked().filter(pk=pk, organization_id=actor.own_organization_id, released_at=None).first()
    if row is None:
        raise NotFoundError(_("There is no such server here. Those that there are stand under Deployments."))
    return row


def _locked() -> QuerySet[Deployment]:
    return (
        Deployment.objects.select_for_update(of=("self",))
        .select_related("subscription__product", "organization")
        .order_by("pk")
    )


def _free(row: Deployment, *, by: ReleasedBy, actor: Actor, now: datetime) -> None:
    row.released_at, row.released_by = now, by
    row.save(update_fields=["released_at", "released_by"])
    _record(row, action="deployment.released", actor=actor, now=now)
    released(deployment=row, vendor=catalog.vendor(), now=now)


def _record(row: Deployment, *, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        subject_id=row.pk,
        organization_id=row.organization_id,
        now=now,
        after={
            "subscription": str(row.subscription_id),
            "slot": row.slot,
            "due": row.release_due_at.isoformat() if row.release_due_at else None,
            "by": row.released_by,
        },
    )
