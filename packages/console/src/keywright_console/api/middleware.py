"""What refuses a call before or beside ours, Django itself too, answers in the API's shape: clients read no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from keywright_console.api.answers import JSON, error_shape
from keywright_console.kit.requests import reference_of

PREFIX = "/api/v4/"

# By status: what clients know it by, and the sentence.
REFUSALS = {
    HTTPStatus.FORBIDDEN: (
        "api.context.permissions.app_error",
        gettext_lazy("You don’t have the permission for this. Nothing has been changed."),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "api.context.method_not_allowed.app_error",
        gettext_lazy("This address takes other methods; the header Allow names them."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "api.context.too_large.app_error",
        gettext_lazy("This is larger than anything that this server takes. Nothing has been changed."),
    ),
}
UNREADABLE = (
    "api.context.bad_request.app_error",
    gettext_lazy("The request can’t be read. Nothing has been changed."),
)
FAULT = (
    "api.context.server_error.app_error",
    gettext_lazy("Something went wrong on this server. Look for request_id in its log."),
)


class ApiErrorMiddleware:
    """Shapes what others refused, and keeps every answer out of caches.

    It stands outside of all that may refuse, but inside of what gives the request its reference.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(PREFIX):
            return response
        # Users, and tokens in a header: nothing on the way may keep them.
        response["Cache-Control"] = "no-store"
        status = response.status_code
        if status < HTTPStatus.BAD_REQUEST or response["Content-Type"] == JSON:
            return response
        fallback = FAULT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else UNREADABLE
        id_, message = REFUSALS.get(HTTPStatus(status), fallback)
        content = error_shape(id_=id_, message=str(message), status=status, reference=reference_of(request))
        # In place, so that the headers of security and Allow stay.
        response.content = json.dumps(content, ensure_ascii=False).encode()
        response["Content-Type"] = JSON
        response["Content-Length"] = str(len(response.content))
        return response
