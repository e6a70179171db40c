"""The license that was just bought: to download, to send, and how to apply it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from keywright_portal.billing import selectors as billing
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission, system
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.licensing import selectors as licensing
from keywright_portal.licensing.services.download import download_by_link, download_license
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.send_license import (
    LinkExpiredError,
    TooManySendsError,
    open_license_link,
    send_license,
)
from keywright_portal.subscriptions.listing import listed_term_for
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.forms.recipient import RecipientForm

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keywright_portal.licensing.models import LicenseFile
    from keywright_portal.licensing.selectors import ListedFile
    from keywright_portal.subscriptions.listing import ListedTerm

TOO_MANY: Final = 429
GONE: Final = 410
UPLOAD_COMMAND: Final = "keywright-console license upload {name}"
"""What applies a license without the System Console; see the console's own command line."""


@require_safe
@never_cache
@organization_page
def license_ready(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """Download, and what comes next. An order that isn't there yet, or has no license any more, leads on."""
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if order.state != OrderState.FULFILLED or order.subscription_id is None:
        step = "payment-return" if order.state == OrderState.PAYING else "payment"
        return redirect(reverse_o(request, step, order_id=order.pk))
    term = listed_term_for(actor=request.actor, subscription_id=order.subscription_id, now=clock.now())
    if term is None:
        raise NotFoundError(_("There is no such license here. Your licenses are listed under Subscriptions."))
    files = licensing.listed_files_for(actor=request.actor, term_ids=[term.id])[term.id]
    if files[0].is_revoked:
        return redirect(reverse_o(request, "subscriptions"))  # which says so
    return render(request, "web/license/ready.html", _ready(request, order, term, files))


@require_safe
@never_cache
@organization_page
def license_download(request: OrganizationRequest, file_id: uuid.UUID) -> HttpResponse:
    """The file itself."""
    return _as_file(download_license(actor=request.actor, file_id=file_id, now=clock.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@organization_page
def license_send(request: OrganizationRequest, file_id: uuid.UUID) -> HttpResponse:
    """Mail a link to whoever runs the server: in a dialog of the license's page, or as a page of its own."""
    file = licensing.license_file_for(actor=request.actor, file_id=file_id)
    order_id = _order_id(request)
    form = RecipientForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            send_license(
                actor=request.actor,
                file_id=file.pk,
                to=form.cleaned_data["email"],
                sender_name=request.user.name,
                now=clock.now(),
            )
        except TooManySendsError as error:
            form.add_error("email", str(error.message))
            status = TOO_MANY
        else:
            messages.success(request, _("The link is on its way to %(to)s.") % {"to": form.cleaned_data["email"]})
            return _back(request, order_id)
    context = {"file": file, "order_id": order_id, "form": form}
    if request.htmx:
        form.fields["email"].widget.attrs["data-kw-focus"] = "yes"  # what is to be corrected
        return render(request, "web/license/send_fields.html", context)
    return render(request, "web/license/send.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def license_link(request: HttpRequest, token: str) -> HttpResponse:
    """What a mailed link opens, for anybody who has it. A button gives the file: programs that look into mails follow
    links, and select no buttons.
    """
    now = clock.now()
    try:
        file = open_license_link(token=token, now=now)
    except (NotFoundError, LinkExpiredError) as error:
        status = GONE if isinstance(error, LinkExpiredError) else 404
        return render(request, "web/license/link_ended.html", {"error": error}, status=status)
    if request.method == "POST":
        return _as_file(download_by_link(file=file, actor=system("license link"), now=now))
    term = file.license.term
    context = {"file": file, "term": term, "command": UPLOAD_COMMAND.format(name=file.name)}
    return render(request, "web/license/link.html", context)


def _ready(request: OrganizationRequest, order: Order, term: ListedTerm, files: list[ListedFile]) -> dict[str, object]:
    return {
        "order": order,
        "term": term,
        "file": files[0],
        "other_files": files[1:],
        "invoice": billing.invoice_of_purchase_for(actor=request.actor, order_id=order.pk),
        "may_download": Permission.LICENSE_DOWNLOAD in request.actor.permissions,
        "may_read_invoice": Permission.BILLING_READ in request.actor.permissions,
        "is_buyer": order.placed_by_id == request.user.pk,
        "command": UPLOAD_COMMAND.format(name=files[0].name),
        "send_form": RecipientForm(),
    }


def _as_file(file: LicenseFile) -> HttpResponse:
    """Never kept by a cache, and never shown: saved under its name."""
    disposition = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    return HttpResponse(
        bytes(file.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition,
            "Cache-Control": "no-store, private",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _order_id(request: OrganizationRequest) -> uuid.UUID | None:
    """The order on whose page the dialog stands, if it stands on one."""
    given = request.POST.get("order") or request.GET.get("order", "")
    try:
        return uuid.UUID(given)
    except ValueError:
        return None


def _back(request: OrganizationRequest, order_id: uuid.UUID | None) -> HttpResponse:
    page = reverse_o(request, "subscriptions")
    if order_id is not None:
        page = reverse_o(request, "license-ready", order_id=order_id)
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
