from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from keywright_console.kit.actor import Permission
from keywright_console.kit.requests import address_of
from keywright_console.users.errors import InvalidUserError, TooManyAttemptsError, WrongCredentialsError
from keywright_console.users.models import User
from keywright_console.users.services.change_password import change_password
from keywright_console.users.services.create_first_admin import is_set_up
from keywright_console.users.services.note_activity import note_activity
from keywright_console.users.services.sign_in import sign_in
from keywright_console.web.access import signed_in
from keywright_console.web.current import time_of, user_of
from keywright_console.web.forms import PasswordForm, SignInForm, blame


@signed_in
def home(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """Administrators begin with the license, members with their own account."""
    return redirect("license" if user.actor.may(Permission.MANAGE_LICENSE) else "password")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign in by email address or username. A console without users leads to its set-up instead."""
    if user_of(request) is not None:
        return redirect(next_of(request))
    if not is_set_up(now=time_of(request)):
        return redirect("set-up")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = sign_in(
                login=form.cleaned_data["login"],
                password=form.cleaned_data["password"],
                address=address_of(request),
                now=time_of(request),
            )
        except (WrongCredentialsError, TooManyAttemptsError) as error:
            form.add_error(None, error.message)
        else:
            login(request, user)
            note_activity(user=user, now=time_of(request))
            return redirect(next_of(request))
    status = 422 if form.errors else 200
    return render(request, "console/sign_in.html", {"form": form, "next": next_of(request)}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password_page(request: HttpRequest, user: User) -> HttpResponse:
    """Change one's own password; this session goes on, every other one ends."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_password(
                actor=user.actor,
                user_id=user.pk,
                present=form.cleaned_data["present"],
                new=form.cleaned_data["password"],
                now=time_of(request),
            )
        except InvalidUserError as error:
            blame(form, error)
        except TooManyAttemptsError as error:
            form.add_error(None, error.message)
        else:
            update_session_auth_hash(request, changed)
            messages.success(request, _("Your password is changed. You are signed out everywhere else."))
            return redirect("password")
    return render(request, "console/password.html", {"form": form}, status=422 if form.errors else 200)


def next_of(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site that was asked for, or the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"
