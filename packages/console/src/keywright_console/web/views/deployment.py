"""System Console › About › Deployment: this server's place under the license."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywright_console.deployment.errors import PortalRefusedError
from keywright_console.deployment.models import Kind
from keywright_console.deployment.selectors import decided, made_request, untold_release
from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.apply_answer import apply_answer
from keywright_console.deployment.services.change_settings import name_deployment
from keywright_console.deployment.services.hold_key import public_key
from keywright_console.deployment.services.make_request import make_request
from keywright_console.deployment.services.release import release, tell_release
from keywright_console.kit.actor import Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation
from keywright_console.kit.requests import reference_of
from keywright_console.licensing.trust import anchor
from keywright_console.revocations.selectors import revocations
from keywright_console.users.models import User
from keywright_console.web.access import permitted
from keywright_console.web.current import place_here, standing_of, time_of
from keywright_console.web.deployment_forms import AnswerForm, NameForm
from keywright_console.web.refusals import refusals
from keywright_license import MAX_FILE_BYTES, thumbprint

ONLINE, BY_FILE = "online", "file"
FILE_TYPE = "application/octet-stream"  # saved, never shown by the browser
REQUEST_NAME = "deployment.keywright-request"
RELEASE_NAME = "deployment.keywright-release"


def refused_page(request: HttpRequest, error: ConsoleError) -> HttpResponse:
    """The page with what went wrong on top."""
    in_the_way = error.in_the_way if isinstance(error, PortalRefusedError) else ()
    context = page_context(request) | {
        "refusal": error,
        "in_the_way": [str(one.get("name") or one.get("deployment") or "") for one in in_the_way],
        "reference": reference_of(request),
    }
    return render(request, "console/deployment.html", context, status=422)


@require_safe
@permitted(Permission.MANAGE_LICENSE)
def deployment_page(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """Whether this server holds its place, and how it comes to one."""
    return render(request, "console/deployment.html", page_context(request))


@require_POST
@permitted(Permission.MANAGE_LICENSE)
def name_page(request: HttpRequest, user: User) -> HttpResponse:
    """Keep name and kind."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return render(request, "console/deployment.html", page_context(request) | {"form": form}, status=422)
    name_deployment(
        actor=user.actor, name=form.cleaned_data["name"], kind=Kind(form.cleaned_data["kind"]), now=time_of(request)
    )
    messages.success(request, _("Saved. The Customer Portal hears of it with the next activation."))
    return redirect("deployment")


@require_POST
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused_page)
def activate_page(request: HttpRequest, user: User) -> HttpResponse:
    """Activate online."""
    activate(actor=user.actor, now=time_of(request), reference=reference_of(request))
    messages.success(request, _("This server is activated."))
    return redirect("deployment")


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused_page)
def request_page(request: HttpRequest, user: User) -> HttpResponse:
    """Make a request and give it to the browser; or give the last one again."""
    if request.method != "POST":
        made = made_request()
        return redirect("deployment") if made is None else as_file(bytes(made.data), REQUEST_NAME)
    data = make_request(actor=user.actor, now=time_of(request))
    return as_file(data, REQUEST_NAME)


@require_POST
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused_page)
def answer_page(request: HttpRequest, user: User) -> HttpResponse:
    """Apply an answer that was carried here."""
    uploaded = request.FILES.get("answer")
    data = b"" if uploaded is None else uploaded.read(MAX_FILE_BYTES + 1)
    apply_answer(actor=user.actor, data=data, now=time_of(request), reference=reference_of(request))
    messages.success(request, _("This server is activated."))
    return redirect("deployment")


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused_page)
def release_page(request: HttpRequest, user: User) -> HttpResponse:
    """Give the place back. Asks first; then online, or by a file to carry."""
    if request.method != "POST":
        if place_here(request).activation is None:
            return redirect("deployment")
        return render(request, "console/deployment_release.html", page_context(request))
    release(actor=user.actor, now=time_of(request), reference=reference_of(request))
    if request.POST.get("how") == ONLINE:
        tell_release(actor=user.actor, now=time_of(request))
        messages.success(request, _("The place is given back, and the Customer Portal knows."))
    else:
        messages.success(request, _("The place is given back. Download the release, and carry it to the portal."))
    return redirect("deployment")


@require_POST
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused_page)
def tell_page(request: HttpRequest, user: User) -> HttpResponse:
    """Tell the portal of a release that it doesn't know of."""
    tell_release(actor=user.actor, now=time_of(request))
    messages.success(request, _("The Customer Portal knows that the place is given back."))
    return redirect("deployment")


@require_safe
@permitted(Permission.MANAGE_LICENSE)
def release_file(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """The release that the portal doesn't know of, to be carried there."""
    row = untold_release()
    if row is None or row.release is None:
        return redirect("deployment")
    return as_file(bytes(row.release), RELEASE_NAME)


def as_file(data: bytes, name: str) -> HttpResponse:
    """A download."""
    return HttpResponse(data, content_type=FILE_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What the page and its confirmation share."""
    place, chosen, key = place_here(request), decided(), public_key()
    license_, trusted = place.license, anchor(withdrawn=standing_of(request).withdrawn)
    known = revocations(keys=trusted.keys, product=trusted.product, now=time_of(request))
    return {
        "place": place,
        "overdue": place.is_overdue(now=time_of(request)),
        "chosen": chosen,
        "is_production": chosen.kind == Kind.PRODUCTION,
        "form": NameForm(initial={"name": chosen.name, "kind": chosen.kind}),
        "answer_form": AnswerForm(),
        "deployment": letters(installation(now=time_of(request)).deployment_id),
        "key": "" if key is None else thumbprint(key),
        "made": made_request() if place.is_missing else None,
        "untold": untold_release() if place.activation is None else None,
        "withdrawn": None if license_ is None else known.of(license_.id),
        "problem": standing_of(request).problem,
        "portal_address": settings.KEYWRIGHT_CONSOLE_PORTAL_URL,
    }
