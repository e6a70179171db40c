"""What every request gets: a reference that a person can quote and the log can be searched for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from keywright_console.kit.ids import letters, new_id

HEADER = "X-Request-Id"


def reference_of(request: HttpRequest) -> str:
    """The request's reference; made at the first question, the same ever after."""
    reference: str | None = getattr(request, "reference", None)
    if reference is None:
        reference = letters(new_id())
        request.reference = reference  # type: ignore[attr-defined]  # a request carries what middleware hangs on it
    return reference


class ReferenceMiddleware:
    """Outermost of ours, so that even a refused request has a reference in its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reference = reference_of(request)
        response = self.get_response(request)
        response[HEADER] = reference
        return response


# Read to the end and answered in words up to here, which is more than anybody uploads by mistake twice.
BODY_MAX = 32 * 1024 * 1024


class BodyLimitMiddleware:
    """Refuses a body above `BODY_MAX` by its announced length, before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > BODY_MAX:
            return HttpResponse(
                _("This is larger than anything that this server takes. Nothing has been changed."),
                status=413,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from. Behind our own proxy it is the last entry, the one that the proxy wrote itself."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.KEYWRIGHT_CONSOLE_BEHIND_PROXY and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    address: str = request.META.get("REMOTE_ADDR", "")
    return address
