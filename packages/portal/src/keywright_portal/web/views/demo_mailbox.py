"""The demo's mailbox page. It has addresses only where DEMO_DIR is set, see `web.account_urls`."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from csp.constants import SELF
from csp.decorators import csp, csp_update
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from keywright_portal.kit.errors import NotFoundError
from keywright_portal.web import mailbox

if TYPE_CHECKING:
    from django.http import HttpRequest

_MAIL_POLICY = {
    "default-src": ["'none'"],
    "img-src": [SELF, "data:"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
}
"""A mail brings its own style, and nothing in it may run. Its links open in the whole window."""


@require_safe
@never_cache
def mails(request: HttpRequest) -> HttpResponse:
    """All mails, the newest in front. The list asks for itself again every few seconds."""
    return render(request, "web/demo/mails.html", {"mails": mailbox.newest_mails()})


@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know no view with an argument
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    """One mail: its HTML in a frame, its text, its attachments."""
    return render(request, "web/demo/mail.html", {"mail": mailbox.mail(mail_id)})


@require_safe
@xframe_options_sameorigin
@csp(_MAIL_POLICY)  # type: ignore[arg-type]  # as above
def mail_html(_request: HttpRequest, mail_id: str) -> HttpResponse:
    """A mail's HTML part as a document of its own."""
    html = mailbox.mail(mail_id).html
    return HttpResponse(html.replace("<head>", '<head>\n<base target="_top">', 1))


@require_safe
def mail_attachment(_request: HttpRequest, mail_id: str, position: int) -> FileResponse:
    """An attachment, to save."""
    attachments = mailbox.mail(mail_id).attachments
    if position >= len(attachments):
        raise NotFoundError(_("This mail has no such attachment."))
    attachment = attachments[position]
    # Never as what it claims to be: a browser would show it, from our own origin.
    return FileResponse(
        BytesIO(attachment.content),
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
