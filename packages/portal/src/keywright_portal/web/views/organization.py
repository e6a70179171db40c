"""An organization's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.forms.models import model_to_dict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_portal.accounts import selectors
from keywright_portal.accounts.services.change_organization import FIELDS, change_organization
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.web.actor import organization_page, reverse_o
from keywright_portal.web.forms.account import OrganizationForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from keywright_portal.web.actor import OrganizationRequest


@require_http_methods(["GET", "HEAD", "POST"])
@organization_page
def organization(request: OrganizationRequest) -> HttpResponse:
    """What it says of itself, to see or to change, and who belongs to it."""
    may_change = Permission.ORGANIZATION_CHANGE in request.actor.permissions
    if request.method == "POST":
        request.actor.require(Permission.ORGANIZATION_CHANGE)
    form = OrganizationForm(request.POST or None, initial=model_to_dict(request.organization, fields=FIELDS))
    if form.is_valid():
        change_organization(
            actor=request.actor,
            changes={field: str(form.cleaned_data[field]) for field in FIELDS},
            now=clock.now(),
        )
        messages.success(request, _("Your organization’s details are saved."))
        return redirect(reverse_o(request, "organization"))
    members = selectors.members_of(actor=request.actor)
    context = {"form": form, "members": members, "may_change": may_change}
    return render(request, "web/organization/organization.html", context)
