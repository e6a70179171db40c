"""The front door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render

from keywright_portal.licensing.selectors import organization_with
from keywright_portal.web.actor import organization_of, reverse_o

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LICENSE = "license"  # in the address, as System Consoles write it


def home(request: HttpRequest) -> HttpResponse:
    """To one's organization; a stranger is welcomed; who has no organization, as staff may, is told so.

    A System Console leads here with its license named: then to that license's organization, after signing in.
    """
    named = request.GET.get(LICENSE, "")
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path()) if named else render(request, "account/welcome.html")
    slug = organization_with(user_id=request.user.pk, license_id=named) if named else None
    if slug is not None:
        return redirect("subscriptions", organization=slug)
    if organization_of(request) is None:
        return render(request, "account/no_organization.html")
    return redirect(reverse_o(request, "overview"))
