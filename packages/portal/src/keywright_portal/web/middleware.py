"""Mapping of the rooms' errors to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from keywright_portal.kit.errors import KeywrightError, NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

STATUS = {NotFoundError: 404, PermissionDeniedError: 403}
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
        status = next((code for kind, code in STATUS.items() if isinstance(exception, kind)), 409)
        return render(request, f"{status}.html", {"error": exception}, status=status)
