"""The front door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from keywright_portal.web.actor import organization_of, reverse_o

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    """To one's organization; a stranger is welcomed; who has no organization, as staff may, is told so."""
    if not request.user.is_authenticated:
        return render(request, "account/welcome.html")
    if organization_of(request) is None:
        return render(request, "account/no_organization.html")
    return redirect(reverse_o(request, "overview"))
