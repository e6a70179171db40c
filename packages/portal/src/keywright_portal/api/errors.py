"""Errors in one shape: `{"code", "message", "field"}`. A room's error gets its HTTP status here, at the edge."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError

from keywright_portal.catalog.errors import AddOnNotOfferedError, NoCatalogError
from keywright_portal.kit.errors import KeywrightError, NotFoundError, PermissionDeniedError
from keywright_portal.licensing.deployment_errors import (
    BadSignatureError,
    MalformedArtifactError,
    NotActivatedError,
    TooManyReportsError,
    UnknownActivationError,
    UnknownKeyError,
    UnknownLicenseError,
    WrongKindError,
    WrongProductError,
)
from keywright_portal.orders.errors import SeatsError
from keywright_portal.orders.quoting import parse_seats

if TYPE_CHECKING:
    from ninja import NinjaAPI


class InvalidRequestError(KeywrightError):
    """The request isn't as the API's description says."""

    code = "invalid_request"


class MethodNotAllowedError(KeywrightError):
    """The address is there, and isn't asked like that."""

    code = "method_not_allowed"


class NotSignedInError(KeywrightError):
    """What was asked for is for people who are signed in."""

    code = "not_signed_in"


class NotSignedRequestError(KeywrightError):
    """What was asked for is for servers that prove who they are."""

    code = "not_signed_request"


class TooLargeError(KeywrightError):
    """More was sent than is read."""

    code = "too_large"


class TooManyRequestsError(KeywrightError):
    """A limit on requests was reached. `retry_after` is in seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


STATUS: Final[tuple[tuple[type[KeywrightError], int], ...]] = (
    (InvalidRequestError, 422),
    (NotSignedInError, 401),
    (NotSignedRequestError, 401),
    (TooLargeError, 413),
    (TooManyReportsError, 413),
    (MalformedArtifactError, 422),
    (WrongKindError, 422),
    (WrongProductError, 422),
    (BadSignatureError, 403),
    (UnknownKeyError, 403),
    (NotActivatedError, 403),
    (UnknownLicenseError, 404),
    (UnknownActivationError, 404),
    (SeatsError, 422),
    (AddOnNotOfferedError, 422),
    (NotFoundError, 404),
    (PermissionDeniedError, 403),
    (MethodNotAllowedError, 405),
    (TooManyRequestsError, 429),
    (NoCatalogError, 503),
)
"""HTTP status by error. Any other is a request that can't be carried out as things are now: 409."""
FIELDS: Final = {"seats": "users"}
"""What the rooms call a field that the API calls by the word that buyers read."""
NAMES_BEFORE_FIELD: Final = {"body": 2, "query": 1}
"""Of the place that ninja tells: where the value stood, and for a body what the operation calls it."""
LONGEST_NAME: Final = 60
"""Characters of a field's name in an answer; a caller's own may be of any length."""


def install(api: NinjaAPI) -> None:
    """Have `api` answer every error in the one shape. What isn't foreseen stays a 500 that Django logs."""
    api.add_exception_handler(KeywrightError, _keywright)
    api.add_exception_handler(ValidationError, _validation)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(RequestDataTooBig, _too_big)


def answer(error: KeywrightError, **more: object) -> JsonResponse:
    """The error as a response; `more` are members beside the three that every error has."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 409)
    field = FIELDS.get(error.field, error.field) if error.field is not None else None
    response = JsonResponse({"code": error.code, "message": str(error.message), "field": field, **more}, status=status)
    if isinstance(error, TooManyRequestsError):
        response["Retry-After"] = str(error.retry_after)
    return response


@csrf_exempt  # there is nothing here that a forged request could do
def no_such_address(_request: HttpRequest) -> JsonResponse:
    """What nothing of the API's description matches."""
    return answer(NotFoundError(_("There is no such address. See /api/v1/openapi.json for those that there are.")))


def in_one_shape(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, whose “method not allowed” is an error like any other."""

    def shaped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = response["Allow"]
        refused = answer(MethodNotAllowedError(_("Use one of these methods: %(methods)s.") % {"methods": allowed}))
        refused["Allow"] = allowed
        return refused

    return update_wrapper(shaped, view)


def _keywright(_request: HttpRequest, error: KeywrightError | type[KeywrightError]) -> JsonResponse:
    return answer(cast("KeywrightError", error))


def _validation(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> JsonResponse:
    """The first thing that isn't as described. Where it is the number of users, it gets the page's own sentence."""
    first = cast("ValidationError", error).errors[0]
    place = [str(part) for part in first["loc"][NAMES_BEFORE_FIELD[first["loc"][0]] :]]
    field = place[0][:LONGEST_NAME] if place else None
    if field == "users":
        return answer(_seats_error())
    return answer(InvalidRequestError(_sentence(first["type"], field), field=field))


def _http(_request: HttpRequest, error: HttpError | type[HttpError]) -> JsonResponse:
    """Ninja raises it for one reason here: a body that is no JSON."""
    found = answer(InvalidRequestError(_("Send the body as JSON, in UTF-8.")))
    found.status_code = cast("HttpError", error).status_code
    return found


def _too_big(_request: HttpRequest, _error: RequestDataTooBig | type[RequestDataTooBig]) -> JsonResponse:
    return answer(TooLargeError(_("This is too much at once. Send at most 256 KiB.")))


def _sentence(kind: str, field: str | None) -> str:
    if field is None:
        return _("Send a JSON object as the body.")
    if kind == "missing":
        return _("Add “%(field)s”, which is missing.") % {"field": field}
    if kind == "extra_forbidden":
        return _("Leave out “%(field)s”: there is no such field.") % {"field": field}
    return _("Give “%(field)s” as /api/v1/openapi.json describes it.") % {"field": field}


def _seats_error() -> KeywrightError:
    try:
        parse_seats("")
    except SeatsError as error:
        return error
    raise AssertionError("no number at all was taken for a number of users")
