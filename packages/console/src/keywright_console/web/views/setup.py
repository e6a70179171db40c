from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from keywright_console.kit.requests import address_of
from keywright_console.users.errors import (
    AlreadySetUpError,
    InvalidUserError,
    TooManyAttemptsError,
    WrongSetupCodeError,
)
from keywright_console.users.services.create_first_admin import create_first_admin, is_set_up
from keywright_console.web.current import time_of
from keywright_console.web.forms import FirstAdminForm, blame


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_admin(request: HttpRequest) -> HttpResponse:
    """Make the first System Admin. Once there is a user this page leads to the sign-in and never comes back."""
    if is_set_up(now=time_of(request)):
        return redirect("sign-in")
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = create_first_admin(
                code=form.cleaned_data["code"],
                email=form.cleaned_data["email"],
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                address=address_of(request),
                now=time_of(request),
            )
        except InvalidUserError as error:
            blame(form, error)
        except WrongSetupCodeError as error:
            form.add_error("code", error.message)
        except TooManyAttemptsError as error:
            form.add_error(None, error.message)
        except AlreadySetUpError:
            return redirect("sign-in")
        else:
            login(request, user)
            messages.success(request, _("You are the first System Admin. Add the license next."))
            return redirect("license")
    return render(request, "console/set_up.html", {"form": form}, status=422 if form.errors else 200)
