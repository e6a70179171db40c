from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import done
from keywright_console.api.calls import call


@require_http_methods(["GET", "HEAD"])
@call
def ping(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    """GET /system/ping: OK as long as this process answers. It asks neither database nor license."""
    return done()
