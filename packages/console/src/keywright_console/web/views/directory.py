"""System Console › Users › AD/LDAP. Open where the license in force has the feature."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_console.directory.errors import DirectoryError, InvalidSettingError, NotSetUpError
from keywright_console.directory.models import RunState, SyncRun
from keywright_console.directory.planning import Plan
from keywright_console.directory.selectors import count_from_directory, runs_for, settings_for
from keywright_console.directory.services.ask_for_sync import ask_for_sync
from keywright_console.directory.services.check_connection import check_connection
from keywright_console.directory.services.save_settings import entered, save_settings
from keywright_console.directory.services.synchronize import preview
from keywright_console.jobs.services.run_soon import run_soon
from keywright_console.kit.actor import Permission
from keywright_console.licensing.features import LDAP
from keywright_console.users.models import User
from keywright_console.users.selectors import usernames
from keywright_console.web.access import permitted
from keywright_console.web.current import standing_of, time_of
from keywright_console.web.directory_forms import DirectoryForm, initial_of
from keywright_look.dates import number

JOB = "directory.synchronize"
NAMED = 20  # users that the dry run names of each kind; the rest it counts
GRANTED_BY = "E10, E20"  # of the default catalog; what opens the page is the license's feature alone
PageOfUser = Callable[[HttpRequest, User], HttpResponse]


def licensed(view: PageOfUser) -> PageOfUser:
    """A page that the license's feature opens; without it the page that says what opens it."""

    @functools.wraps(view)
    def run(request: HttpRequest, user: User) -> HttpResponse:
        held = standing_of(request)
        if held.has(LDAP):
            return view(request, user)
        context = {"current": held.in_force, "granted_by": GRANTED_BY}
        return render(request, "console/ldap_closed.html", context, status=200 if request.method == "GET" else 403)

    return run


@require_safe
@permitted(Permission.MANAGE_USERS)
@licensed
def ldap_page(request: HttpRequest, user: User) -> HttpResponse:
    """How the directory is connected, and what it changed lately."""
    return render(request, "console/ldap.html", _context(request, user))


@sensitive_post_parameters("bind_password")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
@licensed
def settings_page(request: HttpRequest, user: User) -> HttpResponse:
    """Enter the settings, try them, and keep them. Nobody is changed by it."""
    row = settings_for(actor=user.actor)
    form = DirectoryForm(request.POST or None, initial=initial_of(row))
    check = None
    if request.method == "POST" and form.is_valid():
        try:
            if "test" in request.POST:
                tried = entered(actor=user.actor, values=form.values(), now=time_of(request))
                check = check_connection(actor=user.actor, settings=tried)
            else:
                save_settings(actor=user.actor, values=form.values(), now=time_of(request))
                messages.success(request, _("The settings are kept. Nobody has been changed yet."))
                return redirect("ldap")
        except InvalidSettingError as error:
            form.add_error(error.field, error.message)
    context = {"form": form, "row": row, "check": check, "has_password": bool(row and row.bind_password)}
    return render(request, "console/ldap_settings.html", context, status=422 if form.errors else 200)


@require_POST
@permitted(Permission.MANAGE_USERS)
@licensed
def test_page(request: HttpRequest, user: User) -> HttpResponse:
    """Test the connection as it is kept."""
    row = settings_for(actor=user.actor)
    if row is None:
        messages.warning(request, _("No directory is connected. Enter its settings first."))
        return redirect("ldap")
    return render(
        request,
        "console/ldap.html",
        _context(request, user) | {"check": check_connection(actor=user.actor, settings=row)},
    )


@require_POST
@permitted(Permission.MANAGE_USERS)
@licensed
def sync_page(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for a synchronization. It runs in the background, on whichever node looks first."""
    try:
        ask_for_sync(actor=user.actor, now=time_of(request))
    except NotSetUpError as error:
        messages.warning(request, error.message)
        return redirect("ldap")
    run_soon(JOB, now=time_of(request))
    messages.success(request, _("The synchronization begins within seconds. Reload this page to see how it ended."))
    return redirect("ldap")


@require_POST
@permitted(Permission.MANAGE_USERS)
@licensed
def preview_page(request: HttpRequest, user: User) -> HttpResponse:
    """The dry run: what a synchronization would change at this moment."""
    try:
        made = preview(actor=user.actor, now=time_of(request))
    except NotSetUpError as error:
        messages.warning(request, error.message)
        return redirect("ldap")
    except DirectoryError as error:
        return render(request, "console/ldap.html", _context(request, user) | {"problem": error}, status=502)
    return render(request, "console/ldap_preview.html", {"plan": made, "parts": parts_of(made), "named": NAMED})


def parts_of(made: Plan) -> list[dict[str, Any]]:
    """Who changes, kind by kind, those at the top that lose something."""
    parts = [
        (_("Deactivated, since they are gone"), [user.username for user in made.deactivate]),
        (_("Active again, since they are back"), [entry.username for _user, entry in made.activate]),
        (_("Created"), [entry.username for entry in made.create]),
        (_("Linked with a user of this console"), [entry.username for _user, entry in made.link]),
        (_("Other username, email address or place"), [entry.username for _user, entry in made.update]),
    ]
    return [
        {"title": title, "count": len(names), "names": names[:NAMED], "more": max(len(names) - NAMED, 0)}
        for title, names in parts
        if names
    ]


def _context(request: HttpRequest, user: User) -> dict[str, Any]:
    row = settings_for(actor=user.actor)
    runs = runs_for(actor=user.actor)
    names = usernames([run.started_by for run in runs])
    at = time_of(request)
    return {
        "row": row,
        "runs": [
            {"run": run, "by": by_of(run, names), "failed": run.state == RunState.FAILED, "words": in_words(run)}
            for run in runs
        ],
        "from_directory": count_from_directory(),
        "is_running": bool(row and row.running_until and row.running_until > at),
        "is_asked": bool(row and row.asked_at),
    }


def in_words(run: SyncRun) -> str:
    """What a run changed; empty where it failed before it changed anything."""
    figures = [
        (run.created, ngettext("%(count)s created", "%(count)s created", run.created)),
        (run.updated, ngettext("%(count)s changed", "%(count)s changed", run.updated)),
        (run.activated, ngettext("%(count)s active again", "%(count)s active again", run.activated)),
        (run.deactivated, ngettext("%(count)s deactivated", "%(count)s deactivated", run.deactivated)),
    ]
    done = ", ".join(text % {"count": number(figure)} for figure, text in figures if figure)
    if not run.found:
        return ""
    found = _("%(count)s found") % {"count": number(run.found)}
    return f"{found}: {done or _('nothing to change')}"


def by_of(run: SyncRun, names: dict[str, str]) -> str:
    """Who started a run."""
    if run.started_by:
        return names.get(run.started_by, run.started_by)
    return _("Command line") if run.started_by_kind == "shell" else _("Schedule")
