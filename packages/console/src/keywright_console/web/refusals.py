"""What a service refuses, on the page that asked for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from keywright_console.kit.errors import ConsoleError, NotAllowedError, NotConfiguredError
from keywright_console.users.models import User
from keywright_console.web.access import PageOfUser

Arguments = ParamSpec("Arguments")


def refusals(
    tell: Callable[[HttpRequest, ConsoleError], HttpResponseBase],
) -> Callable[[PageOfUser[Arguments]], PageOfUser[Arguments]]:
    """A page whose refusals `tell` shows. What any page may meet has a page of its own, in ConsoleMiddleware."""

    def decorate(view: PageOfUser[Arguments]) -> PageOfUser[Arguments]:
        @functools.wraps(view)
        def run(
            request: HttpRequest, user: User, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            try:
                return view(request, user, *args, **kwargs)
            except (NotAllowedError, NotConfiguredError):
                raise
            except ConsoleError as error:
                return tell(request, error)

        return run

    return decorate
