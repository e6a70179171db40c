"""One's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_portal.accounts.services.rename_user import rename_user
from keywright_portal.kit import clock
from keywright_portal.web.forms.account import NameForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from keywright_portal.accounts.models import User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Name, to change; email address, to see."""
    user = cast("User", request.user)
    # A ModelForm writes what it cleans into its instance: into a copy, so that the page's header keeps what is stored.
    form = NameForm(request.POST or None, initial={"name": user.name})
    if form.is_valid():
        rename_user(user_id=user.pk, name=form.cleaned_data["name"], now=clock.now())
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return render(request, "account/account.html", {"form": form})
