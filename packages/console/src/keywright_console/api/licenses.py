from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from keywright_console.api.answers import answer, done, refusal
from keywright_console.api.calls import call, call_of_user, part_of, user_of
from keywright_console.api.shapes import client_shape, license_shape
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.requests import reference_of
from keywright_console.licensing.errors import refused_for_size
from keywright_console.licensing.reading import MAX_BYTES
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.note_refusal import note_refusal
from keywright_console.licensing.services.preview_license import preview_license
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.users.models import User
from keywright_console.users.selectors import activity, count_active

PER_MILLE = 1000


class NoFileError(ConsoleError):
    code = "no_file"


@require_http_methods(["POST", "DELETE"])
@call_of_user
def license_(request: HttpRequest, caller: User) -> HttpResponse:
    """POST applies the part `license`, DELETE removes what there is."""
    if request.method == "DELETE":
        remove_license(actor=caller.actor, now=now(), reference=reference_of(request))
        return done()
    data = uploaded_license(request, actor=caller.actor)
    at, reference = now(), reference_of(request)
    try:
        applied = apply_license(actor=caller.actor, data=data, active_users=count_active(), now=at, reference=reference)
    except ConsoleError as error:
        note_refusal(actor=caller.actor, data=data, error=error, now=at, reference=reference)
        raise
    return answer(license_shape(applied.license))


@require_http_methods(["POST"])
@call_of_user
def preview(request: HttpRequest, caller: User) -> HttpResponse:
    """POST of the same part; nothing is saved."""
    data = uploaded_license(request, actor=caller.actor)
    seen = preview_license(actor=caller.actor, data=data, active_users=count_active(), now=now())
    return answer(license_shape(seen.license))


@require_http_methods(["GET", "HEAD"])
@call
def client(request: HttpRequest) -> HttpResponse:
    """The flat map. It needs no session; who manages the license sees all of it."""
    if request.GET.get("format", "") != "old":
        return refusal(
            request,
            id_="api.license.client.old_format.app_error",
            message=_("Ask with format=old: there is no other format."),
            status=400,
        )
    user = user_of(request)
    whole = user is not None and user.actor.may(Permission.MANAGE_LICENSE)
    return answer(client_shape(standing(now=now()), whole=whole))


@require_http_methods(["GET", "HEAD"])
@call_of_user
def load_metric(request: HttpRequest, caller: User) -> HttpResponse:  # noqa: ARG001 - the signature of every call
    """Monthly active users for each thousand seats; 0 without a license."""
    at = now()
    current = standing(now=at).in_force
    if current is None:
        return answer({"load": 0})
    monthly, seats = activity(now=at).monthly, current.license.seats
    # Rounded half up, in integers.
    return answer({"load": (2 * monthly * PER_MILLE + seats) // (2 * seats)})


def uploaded_license(request: HttpRequest, *, actor: Actor) -> bytes:
    """The bytes of the part `license`. The permission is asked before the body is read."""
    actor.require(Permission.MANAGE_LICENSE)
    part = part_of(request, "license")
    if part is None:
        raise NoFileError(_("There is no file. Send the license as the part “license” of a multipart form."))
    data, size = part
    if size > MAX_BYTES:
        raise refused_for_size(empty=False)
    return data
