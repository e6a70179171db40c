"""Writing to the vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.account.adapter import get_adapter
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from keywright_portal.kit import clock
from keywright_portal.support.errors import TicketDetailError, TooManyTicketsError
from keywright_portal.support.models import Topic
from keywright_portal.support.services.open_ticket import Sender, open_ticket
from keywright_portal.web.actor import organization_of
from keywright_portal.web.forms.support import ContactForm, given_reference, given_topic

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TICKET_SENT: Final = "ticket_sent"
"""In the session: number and address of the ticket just opened, for the page that confirms it."""
TOO_MANY_REQUESTS: Final = 429


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest) -> HttpResponse:
    """The contact form, logged in or not. A link may bring `topic` and `reference` along."""
    form = ContactForm(request.POST or None, initial=_known(request))
    status = 200
    if form.is_valid():
        try:
            return _open(request, form)
        except (TicketDetailError, TooManyTicketsError) as error:
            form.add_error(error.field, str(error.message))
            status = TOO_MANY_REQUESTS if isinstance(error, TooManyTicketsError) else status
    return render(request, "web/support/support.html", {"form": form}, status=status)


@require_safe
def support_sent(request: HttpRequest) -> HttpResponse:
    """The ticket's number, to quote."""
    sent = request.session.get(TICKET_SENT)
    if sent is None:
        return redirect("support")
    return render(request, "web/support/sent.html", sent)


def _open(request: HttpRequest, form: ContactForm) -> HttpResponse:
    data = form.cleaned_data
    user = request.user if request.user.is_authenticated else None
    organization = organization_of(request)
    ticket = open_ticket(
        sender=Sender(
            name=data["name"],
            email=data["email"],
            address=get_adapter().get_client_ip(request),
            user_id=user.pk if user is not None else None,
            own_email=user.email if user is not None else "",
            organization_id=organization.pk if organization is not None else None,
        ),
        topic=Topic(data["topic"]),
        message=data["message"],
        quoted_reference=data["reference"],
        now=clock.now(),
    )
    request.session[TICKET_SENT] = {"number": ticket.number, "email": ticket.email}
    return redirect("support-sent")


def _known(request: HttpRequest) -> dict[str, str]:
    known = {
        "topic": given_topic(request.GET.get("topic", "")),
        "reference": given_reference(request.GET.get("reference", "")),
    }
    if request.user.is_authenticated:
        user = request.user
        known |= {"name": user.name, "email": user.email}
    return known
