"""The pages for what goes wrong: what happened, that nothing is lost, what to do, and a reference to quote."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from keywright_console.kit.errors import NotConfiguredError
from keywright_console.kit.requests import reference_of
from keywright_console.users.selectors import system_admins_to_ask
from keywright_console.web.current import user_of


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Not allowed: says whom to ask. Strangers learn no names; they are asked to sign in."""
    signed_in = user_of(request) is not None
    admins = system_admins_to_ask() if signed_in else []
    return render(request, "console/forbidden.html", {"admins": admins, "signed_in": signed_in}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _failure(
        request,
        status=404,
        title=_("This page doesn’t exist"),
        text=_("The address may be mistyped, or what it showed is gone. Nothing has been changed."),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _failure(
        request,
        status=400,
        title=_("The browser’s request can’t be read"),
        text=_("Nothing has been changed. Go back, reload the page and try again."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _failure(
        request,
        status=403,
        title=_("This form is too old to be sent"),
        text=_(
            "Perhaps you signed in or out in another window, or the browser keeps no cookies for this site. Nothing "
            "has been changed. Go back, reload the page and send it again."
        ),
    )


def not_configured(request: HttpRequest, error: NotConfiguredError) -> HttpResponse:
    return _failure(request, status=500, title=_("This server isn’t set up completely"), text=error.message)


def server_error(request: HttpRequest) -> HttpResponse:
    """A mistake of ours. It may be the database, so this page asks it nothing."""
    context = {
        "brand": {"name": _("System Console"), "home_url": "/"},
        "title": _("Something went wrong on this server"),
        "text": _("Nothing has been changed. Try again; if it stays, look for the reference in the server’s log."),
        "reference": reference_of(request),
    }
    # No request, so no context processor runs and nothing is asked of the database.
    return render(None, "console/failure.html", context, status=500)


def _failure(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    context = {"title": title, "text": text, "reference": reference_of(request)}
    return render(request, "console/failure.html", context, status=status)
