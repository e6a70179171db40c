"""Many users at once: chosen in the list, by how long they weren't here, or by CSV. Shown before it is done."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_console.kit.actor import Permission
from keywright_console.kit.ids import from_letters
from keywright_console.kit.reports import reports_database
from keywright_console.users import csv_files
from keywright_console.users.csv_files import UnreadableCsvError
from keywright_console.users.listing import every
from keywright_console.users.models import User
from keywright_console.users.services.change_many import Change, Changed
from keywright_console.users.services.plan_changes import (
    MOST,
    PlanNotFoundError,
    TooManyChangesError,
    carry_out,
    look_up,
    plan_changes,
    plan_for,
)
from keywright_console.web.access import permitted
from keywright_console.web.current import standing_of, time_of
from keywright_console.web.forms import UsersFileForm
from keywright_console.web.user_filter import filter_of

CHOSEN_MOST = 1000  # check boxes that one form is read for; a page has 50


@require_POST
@permitted(Permission.MANAGE_USERS)
def choose_page(request: HttpRequest, user: User) -> HttpResponse:
    """Take the users that were chosen, or all that the filter leaves, and show what would be done with them."""
    active = request.POST.get("what") == "activate"
    at = time_of(request)
    if "all" in request.POST:
        found = filter_of(request).users(actor=user.actor, now=at).using(reports_database())
        changes = [(key, active) for key in found.values_list("pk", flat=True)[: MOST + 1]]
    else:
        changes = _chosen(request.POST.getlist("user")[:CHOSEN_MOST], active=active)
    if not changes:
        messages.warning(request, _("Choose users first. Nothing has been changed."))
        return redirect("users")
    try:
        plan_id = plan_changes(actor=user.actor, changes=changes, now=at)
    except TooManyChangesError as error:
        messages.warning(request, error.message)
        return redirect("users")
    return redirect("users-plan", plan_id)


def _chosen(texts: list[str], *, active: bool) -> list[Change]:
    keys: list[uuid.UUID] = []
    for text in texts:
        with suppress(ValueError):  # not from our page; it is nobody's id
            keys.append(from_letters(text))
    return [(key, active) for key in keys]


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def csv_page(request: HttpRequest, user: User) -> HttpResponse:
    """Take a CSV file and show what it would change."""
    form = UsersFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["users"]
        try:
            lines, problems = csv_files.read(uploaded.read())
            changes, unknown = look_up(lines)
            left_out = sorted([*problems, *unknown], key=lambda one: one.number)
            plan_id = plan_changes(actor=user.actor, changes=changes, left_out=left_out, now=time_of(request))
        except (UnreadableCsvError, TooManyChangesError) as error:
            form.add_error("users", error.message)
        else:
            return redirect("users-plan", plan_id)
    return render(request, "console/users_csv.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def plan_page(request: HttpRequest, user: User, plan_id: uuid.UUID) -> HttpResponse:
    """What would be done, and with a click it is done."""
    try:
        if request.method == "POST":
            done = carry_out(actor=user.actor, plan_id=plan_id, now=time_of(request))
            messages.success(request, in_words(done))
            for name, reason in done.refused:
                messages.warning(request, f"{name}: {reason}")
            return redirect("users")
        plan = plan_for(actor=user.actor, plan_id=plan_id)
    except PlanNotFoundError as error:
        messages.warning(request, error.message)
        return redirect("users")
    current = standing_of(request).in_force
    context = {
        "plan": plan,
        "more": plan.deactivate + plan.activate - len(plan.named),
        "freed": max(-plan.seats, 0),
        "taken": max(plan.seats, 0),
        "seats": current.license.seats if current else None,
    }
    return render(request, "console/users_plan.html", context)


def in_words(done: Changed) -> str:
    """What was done, as one sentence or two."""
    parts = []
    if done.deactivated:
        parts.append(
            ngettext("%(count)s user is deactivated.", "%(count)s users are deactivated.", done.deactivated)
            % {"count": f"{done.deactivated:,}"}
        )
    if done.activated:
        parts.append(
            ngettext("%(count)s user is active again.", "%(count)s users are active again.", done.activated)
            % {"count": f"{done.activated:,}"}
        )
    return " ".join(parts) or _("Nothing had to be changed.")


@require_safe
@permitted(Permission.MANAGE_USERS)
def export(request: HttpRequest, user: User) -> StreamingHttpResponse:
    """The users that the filter leaves, as CSV: a handful of rows in memory at a time, read from the replica."""
    found = filter_of(request).users(actor=user.actor, now=time_of(request)).using(reports_database())
    response = StreamingHttpResponse(csv_files.written(every(found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="users-{time_of(request):%Y-%m-%d}.csv"'
    return response
