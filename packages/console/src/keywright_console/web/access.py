"""Who may open a page. Services ask again: this only decides what is shown instead."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from keywright_console.kit.actor import Permission
from keywright_console.users.models import User
from keywright_console.web.current import user_of

Arguments = ParamSpec("Arguments")
Page = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]
PageOfUser = Callable[Concatenate[HttpRequest, User, Arguments], HttpResponseBase]


def signed_in(view: PageOfUser[Arguments]) -> Page[Arguments]:
    """A page of somebody who is signed in; the user is handed to it."""

    @never_cache
    @functools.wraps(view)
    def run(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        user = user_of(request)
        if user is None:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        return view(request, user, *args, **kwargs)

    return run


def permitted(permission: Permission) -> Callable[[PageOfUser[Arguments]], Page[Arguments]]:
    """A page of those who have the permission; others get the page that says whom to ask."""

    def decorate(view: PageOfUser[Arguments]) -> Page[Arguments]:
        @signed_in
        @functools.wraps(view)
        def run(
            request: HttpRequest, user: User, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            user.actor.require(permission)  # NotAllowedError becomes the page, in ConsoleMiddleware
            return view(request, user, *args, **kwargs)

        return run

    return decorate
