"""Mail goes out by way of the outbox: a row in the transaction that caused it, sent by the queue."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid, parseaddr
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from keywright_portal.kit import queue
from keywright_portal.kit.models import OutboxMail

SEND_TASK = "keywright_portal.kit.tasks.send_mail"


PDF: Final = "application/pdf"
"""What is attached so far: documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A PDF that goes with a mail."""

    name: str
    content: bytes


def enqueue_mail(
    *,
    key: str,
    sender: str,
    to: str,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    organization_id: uuid.UUID | None = None,
    reply_to: str = "",
    attachment: Attachment | None = None,
) -> OutboxMail:
    """Render `template` (`NAME_subject.txt`, `NAME.txt`, `NAME.html`) and put the mail into the outbox.

    `sender` is an address with its name, `Name <address>`; its domain ends the Message-ID.

    Runs in the caller's transaction. A second call with the same `key` returns the first mail and changes nothing.
    """
    values = dict(context)
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    mail, created = OutboxMail.objects.get_or_create(
        key=key,
        defaults={
            "message_id": make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2]),
            "sender": sender,
            "to": to,
            "reply_to": reply_to,
            "subject": subject[:255],
            "text": render_to_string(f"{template}.txt", values),
            "html": render_to_string(f"{template}.html", values),
            "attachment_name": attachment.name if attachment is not None else "",
            "attachment": attachment.content if attachment is not None else None,
            "organization_id": organization_id,
            "created_at": now,
        },
    )
    if created:
        queue.enqueue(SEND_TASK, str(mail.pk))
    return mail


def as_message(mail: OutboxMail) -> EmailMultiAlternatives:
    """The message as it goes out: text and HTML, with the Message-ID that the row fixed."""
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=mail.sender,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": mail.message_id},
    )
    message.attach_alternative(mail.html, "text/html")
    if mail.attachment is not None:
        message.attach(mail.attachment_name, bytes(mail.attachment), PDF)
    return message
