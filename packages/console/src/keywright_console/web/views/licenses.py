"""System Console › About › Edition and License."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_console.kit.actor import Permission
from keywright_console.kit.errors import ConsoleError, NotAllowedError, NotConfiguredError
from keywright_console.kit.requests import reference_of
from keywright_console.licensing.errors import RefusedLicenseError, refused_for_size
from keywright_console.licensing.models import Place
from keywright_console.licensing.reading import MAX_BYTES
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.note_refusal import note_refusal
from keywright_console.licensing.services.preview_license import is_outdone, preview_license
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.licensing.sources import Source
from keywright_console.licensing.terms import last_good_day
from keywright_console.users.models import User
from keywright_console.users.selectors import count_active, usernames
from keywright_console.web.access import permitted
from keywright_console.web.context import DISMISSED
from keywright_console.web.current import standing_of, time_of
from keywright_console.web.license_card import applied_by_of, card_of, preview_result
from keywright_console.web.license_sources import conflicts, source_rows
from keywright_look.dates import long_date

NAME_MAX = 120  # of an uploaded file's name, as shown back


@require_safe
@permitted(Permission.MANAGE_LICENSE)
def license_page(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """What is in force, what waits, and where to add a license."""
    return render(request, "console/license.html", page_context(request))


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_LICENSE)
def preview_page(request: HttpRequest, user: User) -> HttpResponse:
    """What the chosen file would change. Nothing is saved: the file travels in the form and is verified again."""
    if request.method != "POST":
        return redirect("license")
    uploaded = request.FILES.get("license")
    data = b"" if uploaded is None else uploaded.read()
    active, at = count_active(), time_of(request)
    try:
        if uploaded is not None and (uploaded.size or 0) > MAX_BYTES:
            raise refused_for_size(empty=False)
        preview = preview_license(actor=user.actor, data=data, active_users=active, now=at)
    except RefusedLicenseError as error:
        return refused_page(request, user, error, data=data, name=name_of(uploaded))
    request.standing = preview.standing  # type: ignore[attr-defined]  # one reading for the whole page
    context = page_context(request, active=active)
    waits = preview.place is Place.WAITING
    context |= {
        "preview": preview,
        "waits": waits,
        "name": name_of(uploaded),
        "size": len(data),
        "encoded": base64.b64encode(data).decode("ascii"),
        "seen": preview.standing.token,
        "expires": last_good_day(preview.license.expires_at),
        "result": preview_result(
            place_waits=waits,
            before=context["card"],
            seats=preview.license.seats,
            active_users=active,
            has_next=preview.standing.waiting is not None,
            is_outdone=preview.is_outdone,
        ),
    }
    return render(request, "console/license_preview.html", context)


@require_POST
@permitted(Permission.MANAGE_LICENSE)
def apply_page(request: HttpRequest, user: User) -> HttpResponse:
    """Apply the file that the preview carried, if things still stand as the preview showed them."""
    at, reference = time_of(request), reference_of(request)
    try:
        data = base64.b64decode(request.POST.get("license", ""), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    try:
        applied = apply_license(
            actor=user.actor,
            data=data,
            active_users=count_active(),
            now=at,
            seen=request.POST.get("seen", ""),
            reference=reference,
        )
    except (NotAllowedError, NotConfiguredError):
        raise
    except ConsoleError as error:
        return refused_page(request, user, error, data=data, name=request.POST.get("name", "")[:NAME_MAX])
    if applied.place is Place.WAITING:
        text = _("The license waits. It takes over by itself on %(day)s.") % {
            "day": long_date(applied.license.starts_at)
        }
    elif is_outdone(standing_of(request)):
        text = _("The license is kept in the database. The environment’s license stays in use.")
    elif applied.changed:
        text = _("The license is in use, on every node. Nothing restarted.")
    else:
        text = _("This license was in use already. Nothing has changed.")
    messages.success(request, text)
    return redirect("license")


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_LICENSE)
def remove_page(request: HttpRequest, user: User) -> HttpResponse:
    """Remove the license in use, or the one that waits. Asks first: in a dialog, or on a page of its own."""
    wanted = request.POST.get("which") or request.GET.get("which") or Place.IN_FORCE.value
    place = Place.WAITING if wanted == Place.WAITING.value else Place.IN_FORCE
    if request.method == "POST":
        removed = remove_license(
            actor=user.actor, places=[place], now=time_of(request), reference=reference_of(request)
        )
        if removed:
            messages.success(request, _("The license is removed. Users and their data stay as they are."))
        return redirect("license")
    held = standing_of(request)
    installed = held.waiting if place is Place.WAITING else held.in_force
    if installed is None and held.problem is None:
        return redirect("license")
    context = {"installed": installed, "which": place.value, "waits": place is Place.WAITING}
    return render(request, "console/license_remove.html", context)


@require_POST
@permitted(Permission.MANAGE_LICENSE)
def dismiss_banner(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """Put the banner about the coming end away until the next sign-in."""
    request.session[DISMISSED] = request.POST.get("key", "")[:32]
    return redirect("license")


def refused_page(request: HttpRequest, user: User, error: ConsoleError, *, data: bytes, name: str) -> HttpResponse:
    """The license page with what went wrong on top; what was in force stays."""
    reference = reference_of(request)
    note_refusal(actor=user.actor, data=data, error=error, now=time_of(request), reference=reference)
    context = page_context(request)
    context |= {"refusal": error, "reference": reference, "name": name}
    return render(request, "console/license.html", context, status=422)


def page_context(request: HttpRequest, *, active: int | None = None) -> dict[str, Any]:
    """What the license page and its preview share."""
    held = standing_of(request)
    if active is None:
        active = count_active()
    by = applied_by_of(held)
    names = usernames([by]) if by else {}
    waiting = held.waiting
    sources = source_rows(held, applied_by=names.get(by, ""))
    return {
        "card": card_of(held, active_users=active, applied_by=names.get(by, "")),
        "sources": sources,
        "conflicts": conflicts(sources),
        "waiting_can_be_removed": waiting is not None and waiting.source is Source.DATABASE,
        "waiting": waiting.license if waiting else None,
        "waiting_last_day": last_good_day(waiting.license.expires_at) if waiting else None,
        "problem": held.problem,
        "active": active,
        "server": request.get_host(),
    }


def name_of(uploaded: UploadedFile[bytes] | None) -> str:
    """The file's name as the browser told it."""
    return ((uploaded.name if uploaded else "") or "")[:NAME_MAX]
