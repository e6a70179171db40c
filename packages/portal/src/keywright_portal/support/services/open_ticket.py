"""Opening a ticket: what a customer writes is kept, mailed to the vendor, and confirmed to whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.ids import reference
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.support.errors import TicketDetailError, TooManyTicketsError
from keywright_portal.support.models import Ticket, Topic
from keywright_portal.support.rate_limit import PER_ACCOUNT, PER_ADDRESS, PER_EMAIL, take_place

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from keywright_portal.catalog.vendor import VendorDetails

MESSAGE_LENGTH: Final = 5_000
"""Characters. Two pages of text; more is better sent as a file, in answer to the vendor's mail."""
TO_BILLING: Final = frozenset({Topic.BILLING, Topic.RENEWAL, Topic.MORE_USERS})
"""What is about money goes to the billing address, the rest to Support's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes. `user_id`, `organization_id` and `own_email` are only there for somebody who is logged in.

    `email` is where the answer should go; `own_email` is the account's, which was confirmed. `address` is the network
    address that the request came from, for counting alone: it isn't kept.
    """

    name: str
    email: str
    address: str
    user_id: uuid.UUID | None = None
    own_email: str = ""
    organization_id: uuid.UUID | None = None


def open_ticket(*, sender: Sender, topic: Topic, message: str, quoted_reference: str, now: datetime) -> Ticket:
    """Keep the message and put two mails into the outbox: to the vendor, whose answer goes to the sender, and a copy.

    The copy repeats the message only where it goes to the sender's confirmed address. Else the form would carry
    anybody's text, in our name, to any address.

    Raises TicketDetailError, and TooManyTicketsError before anything is kept.
    """
    message = message.strip()
    if not message or len(message) > MESSAGE_LENGTH:
        wanted = _("Say in 1 to %(count)s characters what it is about.") % {"count": f"{MESSAGE_LENGTH:,}"}
        raise TicketDetailError(wanted, field="message")
    vendor = catalog.vendor()
    _take_places(sender=sender, vendor=vendor, now=now)
    with transaction.atomic():
        ticket = Ticket.objects.create(
            number=reference("TKT"),
            topic=topic,
            organization_id=sender.organization_id,
            user_id=sender.user_id,
            name=sender.name,
            email=sender.email,
            message=message,
            quoted_reference=quoted_reference,
            created_at=now,
        )
        _send_mails(ticket, vendor=vendor, repeats_message=sender.email.lower() == sender.own_email.lower(), now=now)
        audit.record(
            actor=Actor(user_id=sender.user_id, organization_id=sender.organization_id, name="visitor"),
            action="ticket.opened",
            subject=ticket,
            subject_id=ticket.pk,
            organization_id=sender.organization_id,
            now=now,
            after={"topic": topic.value, "number": ticket.number},
            reference=quoted_reference,
        )
    return ticket


def _take_places(*, sender: Sender, vendor: VendorDetails, now: datetime) -> None:
    subjects = [(PER_EMAIL, sender.email.lower()), (PER_ADDRESS, sender.address)]
    if sender.user_id is not None:
        subjects.append((PER_ACCOUNT, str(sender.user_id)))
    for limit, subject in subjects:
        if not take_place(limit=limit, subject=subject, now=now):
            raise TooManyTicketsError(
                _("You’ve written several times within an hour. Wait a little, or write to %(email)s.")
                % {"email": vendor.support_email}
            )


def _send_mails(ticket: Ticket, *, vendor: VendorDetails, repeats_message: bool, now: datetime) -> None:
    context = {
        "brand": mail_brand(vendor),
        "vendor": vendor,
        "ticket": ticket,
        "topic": ticket.get_topic_display(),
        "organization": ticket.organization.name if ticket.organization is not None else "",
        "support_url": absolute("support"),
    }
    enqueue_mail(
        key=f"ticket:{ticket.pk}:vendor",
        sender=vendor.mail_sender,
        to=vendor.billing_email if ticket.topic in TO_BILLING else vendor.support_email,
        reply_to=ticket.email,
        template="mail/support/ticket",
        context=context,
        organization_id=ticket.organization_id,
        now=now,
    )
    enqueue_mail(
        key=f"ticket:{ticket.pk}:copy",
        sender=vendor.mail_sender,
        to=ticket.email,
        reply_to=vendor.billing_email if ticket.topic in TO_BILLING else vendor.support_email,
        template="mail/support/ticket_copy",
        context={**context, "repeats_message": repeats_message},
        organization_id=ticket.organization_id,
        now=now,
    )
