from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from keywright_console.kit.errors import NotAllowedError, NotConfiguredError
from keywright_console.kit.requests import reference_of
from keywright_console.users.errors import UserNotFoundError
from keywright_console.users.services.note_activity import note_activity
from keywright_console.web.current import time_of, user_of
from keywright_console.web.views import failures

logger = logging.getLogger(__name__)


class ConsoleMiddleware:
    """Notes that a user was here, and turns the errors that any page may meet into their page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            user = user_of(request)
            if user is not None:
                note_activity(user=user, now=time_of(request))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotAllowedError):
            return failures.forbidden(request)
        if isinstance(exception, UserNotFoundError):
            return failures.not_found(request)
        if isinstance(exception, NotConfiguredError):
            logger.error("%s", exception.message)
            return failures.not_configured(request, exception)
        # Django logs the traceback; this line ties it to the reference that the page shows.
        logger.error("reference %s: %s %s failed", reference_of(request), request.method, request.path)
        return None
