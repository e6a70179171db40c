"""System Console › About › Customer Portal: what this server may do towards it, and what it did."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from keywright_console.deployment.models import Contact, Purpose
from keywright_console.deployment.selectors import contacts_for, decided
from keywright_console.deployment.services.change_settings import SWITCHES, allow
from keywright_console.deployment.services.fetch_licenses import fetch_licenses
from keywright_console.deployment.services.fetch_revocations import fetch_revocations
from keywright_console.kit.actor import Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.requests import reference_of
from keywright_console.users.models import User
from keywright_console.web.access import permitted
from keywright_console.web.current import time_of
from keywright_console.web.deployment_forms import AllowForm
from keywright_console.web.refusals import refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that this server speaks to the portal about."""

    label: str
    what: str
    contact: Contact | None


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_LICENSE)
def portal_page(request: HttpRequest, user: User) -> HttpResponse:
    """See and change what is allowed."""
    if request.method == "POST":
        form = AllowForm(request.POST)
        form.is_valid()  # four boxes: whatever is sent is on or off
        allow(actor=user.actor, now=time_of(request), **{name: bool(form.cleaned_data.get(name)) for name in SWITCHES})
        messages.success(request, _("Saved. It holds on every node from now on."))
        return redirect("portal-link")
    chosen = decided()
    form = AllowForm(initial={name: getattr(chosen, name) for name in SWITCHES})
    context = {
        "form": form,
        "chosen": chosen,
        "address": settings.KEYWRIGHT_CONSOLE_PORTAL_URL,
        "lines": lines(contacts_for(actor=user.actor)),
    }
    return render(request, "console/portal_link.html", context)


def refused(request: HttpRequest, error: ConsoleError) -> HttpResponse:
    """Back on the page, with what went wrong on top."""
    messages.error(request, error.message)
    return redirect("portal-link")


@require_POST
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused)
def fetch_page(request: HttpRequest, user: User) -> HttpResponse:
    """Fetch right now what is otherwise fetched by itself."""
    fetch_revocations(now=time_of(request), actor=user.actor)
    applied = fetch_licenses(now=time_of(request), actor=user.actor, reference=reference_of(request))
    if applied:
        text = ngettext("%(count)s new license is applied.", "%(count)s new licenses are applied.", len(applied))
        messages.success(request, text % {"count": len(applied)})
    else:
        messages.success(request, _("The Customer Portal has nothing that isn’t here."))
    return redirect("portal-link")


def lines(contacts: dict[str, Contact]) -> list[Line]:
    """What is spoken about, with what each sends, whether or not it was ever done."""
    about = {
        Purpose.ACTIVATION: (
            _("Activation"),
            _("Sent when you press Activate online: the license file, this server’s id, name, kind, version and key."),
        ),
        Purpose.RELEASE: (_("Release"), _("Sent when you give the place back: this server’s id and its place.")),
        Purpose.LICENSES: (
            _("License changes"),
            _("Sent once an hour: which license is in use, and the same facts of this server as at its activation."),
        ),
        Purpose.REVOCATIONS: (_("Withdrawn licenses"), _("Fetched four times a day. Nothing of this server is sent.")),
        Purpose.USAGE: (
            _("Daily count"),
            _("Sent once a day: active users, deactivated users, bots, the highest count of the term, the version."),
        ),
    }
    return [
        Line(label=label, what=what, contact=contacts.get(purpose.value)) for purpose, (label, what) in about.items()
    ]
