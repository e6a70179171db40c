from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from keywright_console.kit.actor import Permission
from keywright_console.users.errors import InvalidUserError, LastSystemAdminError, OwnAccountError
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, count_active, counts, user_for, users_for
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.create_user import create_user
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.web.access import permitted
from keywright_console.web.current import standing_of, time_of
from keywright_console.web.forms import NewUserForm, blame

PER_PAGE = 50
SEARCH_MAX = 100  # longer than any username or address that one would look for


@require_safe
@permitted(Permission.MANAGE_USERS)
def users_page(request: HttpRequest, user: User) -> HttpResponse:
    """The users, page by page, with how many there are of each kind."""
    wanted = request.GET.get("status", "")
    status = Status(wanted) if wanted in set(Status) else Status.ALL
    search = request.GET.get("q", "").strip()[:SEARCH_MAX].replace("\0", "")
    found = Paginator(users_for(actor=user.actor, status=status, search=search), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    all_counts = counts()
    labels = {
        Status.ALL: _("All"),
        Status.ACTIVE: _("Active"),
        Status.DEACTIVATED: _("Deactivated"),
        Status.BOTS: _("Bots"),
    }
    filters = [
        {"status": one.value, "label": label, "count": all_counts.of(one), "current": one is status}
        for one, label in labels.items()
    ]
    current = standing_of(request).in_force
    context = {
        "page": page,
        "counts": all_counts,
        "filters": filters,
        "status": status.value,
        "search": search,
        "seats": current.license.seats if current else None,
        "only_admin": all_counts.active_admins == 1,
    }
    return render(request, "console/users.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def new_user_page(request: HttpRequest, user: User) -> HttpResponse:
    """Make a user with a first password."""
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_user(
                actor=user.actor,
                email=form.cleaned_data["email"],
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                is_system_admin=form.cleaned_data["is_system_admin"],
                now=time_of(request),
            )
        except InvalidUserError as error:
            blame(form, error)
        else:
            messages.success(request, _("%(name)s can sign in now.") % {"name": made.username})
            return redirect("users")
    return render(request, "console/new_user.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def deactivate_page(request: HttpRequest, user: User, user_id: uuid.UUID) -> HttpResponse:
    """Ask, then deactivate one user."""
    other = user_for(actor=user.actor, user_id=user_id)
    refusal = ""
    if request.method == "POST":
        try:
            deactivate_user(actor=user.actor, user_id=user_id, now=time_of(request))
        except (LastSystemAdminError, OwnAccountError) as error:
            refusal = error.message
        else:
            messages.success(
                request,
                _("%(name)s is deactivated and takes no seat any more. Nothing was deleted.")
                % {"name": other.username},
            )
            return redirect("users")
    elif not other.is_active:
        return redirect("users")
    context = {"other": other, "refusal": refusal}
    return render(request, "console/deactivate.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def activate_page(request: HttpRequest, user: User, user_id: uuid.UUID) -> HttpResponse:
    """Ask, then activate one user: it takes a seat."""
    other = user_for(actor=user.actor, user_id=user_id)
    if request.method == "POST":
        activate_user(actor=user.actor, user_id=user_id, now=time_of(request))
        messages.success(request, _("%(name)s can sign in again.") % {"name": other.username})
        return redirect("users")
    if other.is_active:
        return redirect("users")
    current = standing_of(request).in_force
    active = count_active()
    context = {
        "other": other,
        "active": active,
        "seats": current.license.seats if current else None,
        "puts_over": current is not None and not other.is_bot and active >= current.license.seats,
    }
    return render(request, "console/activate.html", context)
