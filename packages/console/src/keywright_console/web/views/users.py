from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from keywright_console.directory.selectors import entry_of
from keywright_console.kit.actor import Permission
from keywright_console.kit.reports import reports_database
from keywright_console.users.errors import InvalidUserError, LastSystemAdminError, OwnAccountError
from keywright_console.users.listing import COUNTED_MOST, count_up_to, page_of
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, count_active, counts, user_for
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.change_role import change_role
from keywright_console.users.services.create_user import create_user
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.set_password import set_password
from keywright_console.web.access import permitted
from keywright_console.web.current import standing_of, time_of
from keywright_console.web.forms import NewUserForm, SetPasswordForm, blame
from keywright_console.web.user_filter import filter_of, name_of

PER_PAGE = 50


@require_safe
@permitted(Permission.MANAGE_USERS)
def users_page(request: HttpRequest, user: User) -> HttpResponse:
    """The users, page by page, with how many there are of each kind."""
    wanted = filter_of(request)
    found = wanted.users(actor=user.actor, now=time_of(request))
    page = page_of(found, size=PER_PAGE, after=name_of(request, "after"), before=name_of(request, "before"))
    all_counts = counts()
    labels = {
        Status.ALL: _("All"),
        Status.ACTIVE: _("Active"),
        Status.DEACTIVATED: _("Deactivated"),
        Status.BOTS: _("Bots"),
    }
    filters = [
        {"status": one.value, "label": label, "count": all_counts.of(one), "current": one is wanted.status}
        for one, label in labels.items()
    ]
    current = standing_of(request).in_force
    inactive = count_up_to(found.using(reports_database())) if wanted.days else 0
    context = {
        "page": page,
        "counts": all_counts,
        "filters": filters,
        "wanted": wanted,
        "inactive": min(inactive, COUNTED_MOST),
        "inactive_and_more": inactive > COUNTED_MOST,
        "seats": current.license.seats if current else None,
        "only_admin": all_counts.active_admins == 1,
    }
    return render(request, "console/users.html", context)


@require_safe
@permitted(Permission.MANAGE_USERS)
def user_page(request: HttpRequest, user: User, user_id: uuid.UUID) -> HttpResponse:
    """One user: what is known, and what can be done."""
    other = user_for(actor=user.actor, user_id=user_id)
    is_last = other.is_system_admin and not other.is_bot and other.is_active and counts().active_admins == 1
    context = {
        "other": other,
        "is_last": is_last,
        "is_self": other.pk == user.pk,
        "directory_entry": entry_of(other.pk),
    }
    return render(request, "console/user.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def role_page(request: HttpRequest, user: User, user_id: uuid.UUID) -> HttpResponse:
    """Ask, then make a member a System Admin, or a System Admin a member."""
    other = user_for(actor=user.actor, user_id=user_id)
    refusal = ""
    if request.method == "POST":
        wanted = request.POST.get("role") == "system_admin"
        try:
            change_role(actor=user.actor, user_id=user_id, is_system_admin=wanted, now=time_of(request))
        except (LastSystemAdminError, OwnAccountError) as error:
            refusal = error.message
        else:
            text = _("%(name)s is a System Admin now.") if wanted else _("%(name)s is a member now.")
            messages.success(request, text % {"name": other.username})
            return redirect("user", other.pk)
    return render(
        request, "console/user_role.html", {"other": other, "refusal": refusal}, status=422 if refusal else 200
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_USERS)
def set_password_page(request: HttpRequest, user: User, user_id: uuid.UUID) -> HttpResponse:
    """Give a user who forgot it a new password. One's own is changed on one's own page, which asks for the present."""
    other = user_for(actor=user.actor, user_id=user_id)
    if other.pk == user.pk:
        return redirect("password")
    form = SetPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_password(
                actor=user.actor, user_id=user_id, password=form.cleaned_data["password"], now=time_of(request)
            )
        except InvalidUserError as error:
            blame(form, error)
        else:
            messages.success(
                request, _("%(name)s has a new password and is signed out everywhere.") % {"name": other.username}
            )
            return redirect("user", other.pk)
    context = {"form": form, "other": other}
    return render(request, "console/user_password.html", context, status=422 if form.errors else 200)


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
                is_bot=form.cleaned_data["is_bot"],
                now=time_of(request),
            )
        except InvalidUserError as error:
            blame(form, error)
        else:
            text = _("The bot %(name)s takes no seat.") if made.is_bot else _("%(name)s can sign in now.")
            messages.success(request, text % {"name": made.username})
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
