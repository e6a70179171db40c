"""Activating: giving a place of a subscription to a server that proves its license and its key."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from keywright_license import activation as wire
from keywright_license import keys, zbase32
from keywright_license.errors import LicenseError
from keywright_portal.catalog import selectors as catalog
from keywright_portal.kit import audit
from keywright_portal.licensing.deployment_errors import (
    NoFreePlaceError,
    OtherKeyError,
    OtherKindError,
    RequestUsedError,
    UnknownLicenseError,
    WrongProductError,
    refused,
)
from keywright_portal.licensing.deployment_models import (
    LONGEST_NAME,
    LONGEST_VERSION,
    AnsweredRequest,
    Deployment,
    Kind,
)
from keywright_portal.licensing.errors import LicenseRevokedError
from keywright_portal.licensing.issuing_keys import issuing_key
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.places import Places, places_of
from keywright_portal.licensing.services.announce_deployment import activated
from keywright_portal.licensing.signing import signer

if TYPE_CHECKING:
    from keywright_portal.kit.actor import Actor

ONLINE_MAX_AGE: Final = timedelta(hours=1)
"""Of a request that is sent rather than carried: it was made a moment ago, by a clock that may be somewhat wrong."""
TRIES_MORE_THAN_PLACES: Final = 2
"""Whoever is overtaken looks again. Each time one place fewer is free, so it ends by itself; this is the seat belt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """`answer` is the signed file for the server. `is_new`: the place was free before."""

    deployment: Deployment
    answer: bytes
    is_new: bool


def activate(
    *,
    request: bytes,
    actor: Actor,
    now: datetime,
    max_age: timedelta = wire.REQUEST_MAX_AGE,
    license_file: bytes | None = None,
    organization_id: uuid.UUID | None = None,
) -> Activated:
    """Give the asking server a place of its license's subscription, and the signed answer; the same one asking again
    gets the same place.

    That `request` holds the digest of the license file proves that the asker has it; whoever sends `license_file` along
    has it compared too. With `organization_id`, a license of another organization is unknown.

    Of servers that ask at once, the constraint on (subscription, slot) lets one have a place; the others look again.

    Raises UnknownLicenseError, WrongProductError, LicenseRevokedError, NoFreePlaceError, OtherKindError, OtherKeyError,
    RequestUsedError, NoSigningKeyError, and what `refused` makes of a file that can't be trusted.
    """
    asked = read_request(request, now=now, max_age=max_age)
    file = licensed_file(asked)
    if license_file is not None and wire.license_digest(license_file) != asked.license_sha256:
        raise UnknownLicenseError
    if organization_id not in (None, file.license.organization_id):
        raise UnknownLicenseError
    if file.license.revoked_at is not None:
        raise LicenseRevokedError
    with transaction.atomic():
        deployment, is_new = _take_place(asked, file=file, actor=actor, now=now)
        AnsweredRequest.objects.bulk_create(
            [
                AnsweredRequest(
                    deployment=deployment,
                    kid=deployment.kid,
                    request_id=zbase32.decode(asked.id),
                    license_id=file.file_id,
                    answered_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        answer = sign_answer(deployment=deployment, request_id=asked.id, license_id=asked.license_id, now=now)
        if is_new:
            activated(deployment=deployment, vendor=catalog.vendor(), now=now)
    return Activated(deployment=deployment, answer=answer, is_new=is_new)


def read_request(request: bytes, *, now: datetime, max_age: timedelta) -> wire.ActivationRequest:
    """The request, of which only its own signature is checked. Raises what `refused` makes of the library's errors."""
    try:
        return wire.read_request(request, now=now, max_age=max_age)
    except LicenseError as error:
        raise refused(error) from error


def licensed_file(asked: wire.ActivationRequest) -> LicenseFile:
    """The issued file whose digest the request holds, superseded or not. Raises UnknownLicenseError, WrongProductError.

    A file that was superseded will do: the place is the subscription's.
    """
    files = LicenseFile.objects.filter(file_id=zbase32.decode(asked.license_id)).select_related(
        "license__organization", "license__term__subscription__product"
    )
    for file in files:
        if wire.license_digest(bytes(file.content)) == asked.license_sha256:
            if file.license.term.subscription.product.code != asked.product:
                raise WrongProductError
            return file
    raise UnknownLicenseError


def sign_answer(*, deployment: Deployment, request_id: str, license_id: str, now: datetime) -> bytes:
    """The signed answer to one request of a server that has its place. Raises NoSigningKeyError."""
    product = deployment.subscription.product.code
    key = issuing_key(product=product, now=now)
    answer = wire.Activation(
        id=zbase32.encode(deployment.pk),
        issuer=catalog.vendor().name,
        issued_at=now,
        product=product,
        subscription=zbase32.encode(deployment.subscription_id),
        request=request_id,
        license_id=license_id,
        deployment=zbase32.encode(deployment.deployment_id),
        kind=wire.DeploymentKind(deployment.kind),
        key=deployment.kid,
    )
    return wire.sign_activation(answer, signer=signer(), kid=key.kid, certificate=key.certificate)


def _take_place(
    asked: wire.ActivationRequest, *, file: LicenseFile, actor: Actor, now: datetime
) -> tuple[Deployment, bool]:
    """The server's row, and whether it is new."""
    subscription = file.license.term.subscription
    places = places_of(subscription_ids=[subscription.pk], now=now)[subscription.pk]
    for _attempt in range(
        len(places.slots(Kind.NON_PRODUCTION)) + len(places.slots(Kind.PRODUCTION)) + TRIES_MORE_THAN_PLACES
    ):
        live = list(
            Deployment.objects.select_for_update(of=("self",))
            .filter(subscription=subscription, released_at=None)
            .select_related("subscription__product", "organization")
            .order_by("pk")
        )
        if held := _held(live, asked):
            return _seen_again(held, asked, now=now), False
        slot = _free_slot(live, asked, places)
        row = _row(asked, file=file, slot=slot, now=now)
        if AnsweredRequest.objects.filter(kid=row.kid, request_id=zbase32.decode(asked.id)).exists():
            raise RequestUsedError
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            continue  # another server was given that place, or this very one, since we looked
        _record(row, actor=actor, now=now)
        return row, True
    raise RuntimeError("a place was free at each look, and taken at each try: more tries than there are places")


def _held(live: list[Deployment], asked: wire.ActivationRequest) -> Deployment | None:
    """The place that the asking server has. Raises OtherKeyError, OtherKindError."""
    kid, deployment_id = keys.thumbprint(asked.key), zbase32.decode(asked.deployment)
    for row in live:
        if (row.kid == kid) != (row.deployment_id == deployment_id):
            raise OtherKeyError
    held = next((row for row in live if row.kid == kid), None)
    if held is not None and held.kind != asked.kind.value:
        raise OtherKindError
    return held


def _seen_again(held: Deployment, asked: wire.ActivationRequest, *, now: datetime) -> Deployment:
    held.name = _cut(asked.name, LONGEST_NAME) or held.name
    held.version = _cut(asked.version, LONGEST_VERSION) or held.version
    held.last_seen_at = max(held.last_seen_at, now)
    held.save(update_fields=["name", "version", "last_seen_at"])
    return held


def _free_slot(live: list[Deployment], asked: wire.ActivationRequest, places: Places) -> int:
    taken = {row.slot for row in live}
    slots = places.slots(asked.kind.value)
    free = next((slot for slot in slots if slot not in taken), None)
    if free is None:
        raise _no_free_place([row for row in live if row.kind == asked.kind.value], slots)
    return free


def _no_free_place(in_the_way: list[Deployment], slots: range) -> NoFreePlaceError:
    if not slots:
        return NoFreePlaceError(
            _(
                "This subscription has no places for non-production servers. Add Premier Support where it is offered, "
                "or activate this server as production."
            ),
            in_the_way=(),
        )
    names = ", ".join(f"“{row.name or _('Unnamed server')}”" for row in sorted(in_the_way, key=lambda row: row.slot))
    return NoFreePlaceError(
        _(
            "%(names)s holds the place that you ask for. Release it in its System Console; if that server is lost, "
            "release it on the Deployments page of the portal."
        )
        % {"names": names}
        if len(in_the_way) == 1
        else _(
            "All places of that kind are taken, by %(names)s. Release one in its System Console; if that server is "
            "lost, release it on the Deployments page of the portal."
        )
        % {"names": names},
        in_the_way=in_the_way,
    )


def _row(asked: wire.ActivationRequest, *, file: LicenseFile, slot: int, now: datetime) -> Deployment:
    return Deployment(
        organization=file.license.organization,
        subscription=file.license.term.subscription,
        deployment_id=zbase32.decode(asked.deployment),
        kid=keys.thumbprint(asked.key),
        public_jwk=keys.to_jwk(asked.key),
        kind=asked.kind.value,
        slot=slot,
        name=_cut(asked.name, LONGEST_NAME),
        version=_cut(asked.version, LONGEST_VERSION),
        activated_at=now,
        last_seen_at=now,
    )


def _record(row: Deployment, *, actor: Actor, now: datetime) -> None:
    """A server's name may name a person: the trail has ids alone."""
    audit.record(
        actor=actor,
        action="deployment.activated",
        subject=row,
        subject_id=row.pk,
        organization_id=row.organization_id,
        now=now,
        after={"subscription": str(row.subscription_id), "kind": row.kind, "slot": row.slot, "key": row.kid},
    )


def _cut(text: str | None, length: int) -> str:
    return (text or "").strip()[:length]
