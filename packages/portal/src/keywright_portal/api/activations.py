"""Servers and their places: asking for one, giving it back, and fetching the newest license file.

Nobody is signed in here. A server proves that it holds its license and its key; what it signed is the service's
to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from ninja import Router

from keywright_license import zbase32
from keywright_portal.api import deployment_schemas as schemas
from keywright_portal.api.errors import NotSignedRequestError, answer
from keywright_portal.api.limits import Limit, count_request
from keywright_portal.api.schemas import Problem
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.licensing.deployment_errors import NoFreePlaceError
from keywright_portal.licensing.services.activate import ONLINE_MAX_AGE, activate
from keywright_portal.licensing.services.fetch_newest import fetch_newest
from keywright_portal.licensing.services.release import release_by_deployment

if TYPE_CHECKING:
    from django.http import JsonResponse
    from ninja import NinjaAPI

    from keywright_portal.licensing.deployment_models import Deployment
    from keywright_portal.licensing.models import LicenseFile

router = Router(tags=["deployments"])
ACTIVATIONS: Final = Limit("activation", 30, 60)
"""A server asks once in its life, and again when a person selects a button."""
RELEASES: Final = Limit("release", 30, 60)
NEWEST: Final = Limit("newest", 60, 60)
"""A server asks once an hour; sixty behind one address are still served."""
SCHEME: Final = "Keywright "
"""Of the header Authorization: what follows is an activation request."""
DEPLOYMENT: Final = "deployment"
"""The actor's name in the audit trail: the row says which server."""


def install(api: NinjaAPI) -> None:
    """Have `api` name the servers in the way."""
    api.add_exception_handler(NoFreePlaceError, _no_free_place)


@router.post(
    "/activations",
    response={200: schemas.Activation, **schemas.PROBLEMS, 409: schemas.PlaceProblem},
    operation_id="activate",
    summary="Ask for a server’s place",
)
def post_activation(request: HttpRequest, asked: schemas.ActivationRequest) -> schemas.Activation:
    """Give the server its place, and the signed answer. Asked again, it is the same place."""
    now = clock.now()
    count_request(limit=ACTIVATIONS, request=request, now=now)
    done = activate(
        request=asked.request.encode(),
        license_file=asked.license.encode(),
        max_age=ONLINE_MAX_AGE,
        actor=system(DEPLOYMENT),
        now=now,
    )
    place = done.deployment
    return schemas.Activation(
        activation=done.answer.decode(),
        id=zbase32.encode(place.pk),
        subscription=zbase32.encode(place.subscription_id),
        deployment=zbase32.encode(place.deployment_id),
        kind=_kind(place),
        slot=place.slot,
        activated_at=place.activated_at,
    )


@router.post(
    "/releases",
    response={200: schemas.Released, **schemas.PROBLEMS},
    operation_id="release",
    summary="Give a server’s place back",
)
def post_release(request: HttpRequest, asked: schemas.Release) -> schemas.Released:
    """Free the place that the release names. Sent again, nothing more happens."""
    now = clock.now()
    count_request(limit=RELEASES, request=request, now=now)
    place = release_by_deployment(release=asked.release.encode(), actor=system(DEPLOYMENT), now=now)
    return schemas.Released(
        id=zbase32.encode(place.pk),
        deployment=zbase32.encode(place.deployment_id),
        released_at=place.released_at or now,
    )


@router.get(
    "/licenses/{subscription}/newest",
    response={200: schemas.NewestFiles, **schemas.PROBLEMS, 401: Problem},
    operation_id="newest",
    summary="The license files in force",
)
def get_newest(
    request: HttpRequest,
    response: HttpResponse,
    subscription: str,
    format: Literal["keywright", "mattermost"] | None = None,  # noqa: A002 (the parameter's public name)
) -> schemas.NewestFiles:
    """For the server that holds a place, whose request stands in the header `Authorization: Keywright …`."""
    now = clock.now()
    count_request(limit=NEWEST, request=request, now=now)
    patch_cache_control(response, private=True, no_store=True)
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        raise NotSignedRequestError(
            _("Send a fresh activation request of the server in the header “Authorization: Keywright …”.")
        )
    files = fetch_newest(
        request=header.removeprefix(SCHEME).strip().encode(),
        subscription=subscription,
        form=format,
        actor=system(DEPLOYMENT),
        now=now,
    )
    return schemas.NewestFiles(files=[_file(file) for file in files])


def _file(file: LicenseFile) -> schemas.NewestFile:
    return schemas.NewestFile(
        license_id=zbase32.encode(file.file_id),
        format=file.format,
        name=file.name,
        issued_at=file.issued_at,
        starts_at=file.license.term.starts_at,
        expires_at=file.expires_at,
        seats=file.seats,
        content=bytes(file.content).decode("ascii"),
    )


def _kind(place: Deployment) -> Literal["production", "non_production"]:
    return "production" if place.is_production else "non_production"


def _no_free_place(_request: HttpRequest, error: NoFreePlaceError | type[NoFreePlaceError]) -> JsonResponse:
    if isinstance(error, type):
        raise TypeError("raised without a message")
    in_the_way = [
        schemas.InTheWay(
            deployment=zbase32.encode(place.deployment_id),
            name=place.name,
            kind=_kind(place),
            slot=place.slot,
            activated_at=place.activated_at,
            last_seen_at=place.last_seen_at,
            release_due_at=place.release_due_at,
        ).model_dump(mode="json")
        for place in error.in_the_way
    ]
    return answer(error, in_the_way=in_the_way)
