"""Mapping of the rooms' errors to pages, and to JSON for who asks for that."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.http import JsonResponse
from django.shortcuts import render

from keywright_portal.catalog.errors import NoCatalogError
from keywright_portal.kit.errors import ConfigurationError, KeywrightError, NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

STATUS: Final[dict[type[KeywrightError], HTTPStatus]] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    PermissionDeniedError: HTTPStatus.FORBIDDEN,
    NoCatalogError: HTTPStatus.SERVICE_UNAVAILABLE,
    ConfigurationError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""HTTP status by error; any other error of ours that no view caught is a request that can't be carried out now: 409."""


class ErrorPageMiddleware:
    """A room's error that a view let through becomes a page that says what to do next."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, KeywrightError):
            return None
        status = status_of(exception)
        if _wants_json(request):
            return JsonResponse(as_json(exception), status=status)
        return render(request, f"{status.value}.html", {"error": exception}, status=status)


def status_of(error: KeywrightError) -> HTTPStatus:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)


def as_json(error: KeywrightError) -> dict[str, str | None]:
    """An error as a program reads it: `code` is stable, `message` is for people."""
    return {"code": error.code, "message": str(error.message), "field": error.field, "reference": error.reference}


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
