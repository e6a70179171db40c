from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import answer
from keywright_console.api.calls import call
from keywright_console.api.description import openapi


@require_http_methods(["GET", "HEAD"])
@call
def description(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    """GET /openapi.json: what this API is. It says nothing of this server, so it needs no session."""
    return answer(openapi())
