"""What customers wrote to the vendor, and what the portal wrote to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from keywright_portal.accounts.models import User
from keywright_portal.backoffice.links import ABSENT, find_url, link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pages.customers import organization_link
from keywright_portal.backoffice.pages.running import organization_names, organization_of_row
from keywright_portal.backoffice.showing import column
from keywright_portal.kit.models import OutboxMail
from keywright_portal.support.models import Ticket

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise


def _quoted(row: Ticket) -> SafeString | str:
    if not row.quoted_reference:
        return ABSENT
    return format_html('<a href="{}">{}</a>', find_url(row.quoted_reference), row.quoted_reference)


def _user(row: Ticket) -> SafeString | str:
    return link(User, row.user_id, row.user.email if row.user is not None else "")


def _topic(row: Ticket) -> str:
    return str(row.get_topic_display())


def _message(row: Ticket) -> SafeString:
    return format_html('<div class="bo-prose">{}</div>', row.message)


class TicketPage(Page[Ticket]):
    name = _l("Ticket")
    name_plural = _l("Tickets")
    group = Group.SUPPORT
    related = ("organization", "user")
    list_display = (
        column(_l("Number"), "number", order="number"),
        column(_l("Topic"), _topic, order="topic"),
        column(_l("Organization"), organization_link, order="organization__name"),
        column(_l("From"), "email", order="email"),
        column(_l("Quotes"), _quoted, order="quoted_reference"),
        column(_l("Written"), "created_at", order="created_at"),
    )
    facts = (
        *list_display,
        column(_l("Name"), "name"),
        column(_l("Signed in as"), _user),
        column(_l("Message"), _message),
        column(_l("Id"), "pk"),
    )
    list_filter = ("topic",)
    search_fields = ("number", "quoted_reference", "email", "name", "organization__name")
    ordering = ("-created_at", "-pk")

    def caption(self, row: Ticket) -> str:
        return row.number

    def ways_on(self, row: Ticket) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_l("What happened"), find_url(row.number)),)


class OutboxMailPage(Page[OutboxMail]):
    """Mails without their bodies: some carry a link that signs in or sets a password, which is its receiver's alone."""

    name = _l("Mail")
    name_plural = _l("Mails")
    group = Group.SUPPORT
    deferred = ("text", "html")
    id_fields = ("pk", "organization_id")
    list_display = (
        column(_l("To"), "to", order="to"),
        column(_l("Subject"), "subject", order="subject"),
        column(_l("Organization"), organization_of_row),
        column(_l("Written"), "created_at", order="created_at"),
        column(_l("Sent"), "sent_at", order="sent_at"),
        column(_l("Tries"), "attempts", order="attempts"),
    )
    facts = (
        *list_display,
        column(_l("From"), "sender"),
        column(_l("Answers go to"), "reply_to"),
        column(_l("Cause"), "key"),
        column(_l("Message-ID"), "message_id"),
        column(_l("Id"), "pk"),
    )
    search_fields = ("to", "subject", "key", "message_id")
    ordering = ("-created_at", "-pk")

    def caption(self, row: OutboxMail) -> str:
        return row.subject

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        return super().get_queryset(request).annotate(organization_name=organization_names())

    def ways_on(self, row: OutboxMail) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_l("What happened to this address"), find_url(row.to)),)
