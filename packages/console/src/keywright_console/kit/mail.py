"""Mail goes out by way of the outbox: a row in the transaction that caused it, sent by a job."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import make_msgid, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from keywright_console.kit.errors import UnavailableError
from keywright_console.kit.models import OutboxMail

logger = logging.getLogger(__name__)
GIVEN_UP_AFTER = timedelta(days=5)  # as long as mail servers themselves try
AT_ONCE = 100  # mails of one run; the rest goes with the next, a minute later


class MailServerError(UnavailableError):
    code = "mail_unavailable"


def is_set_up() -> bool:
    """Whether mail can be sent: a server and a sender are named."""
    return bool(settings.EMAIL_HOST and settings.KEYWRIGHT_CONSOLE_MAIL_FROM)


def enqueue_mail(*, key: str, to: str, template: str, context: Mapping[str, Any], now: datetime) -> OutboxMail:
    """Render `template` (`NAME_subject.txt`, `NAME.txt`, `NAME.html`) and put the mail into the outbox.

    Runs in the caller's transaction. A second call with the same `key` returns the first mail and changes nothing.
    """
    values = dict(context)
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    domain = parseaddr(settings.KEYWRIGHT_CONSOLE_MAIL_FROM)[1].rpartition("@")[2]
    return OutboxMail.objects.get_or_create(
        key=key,
        defaults={
            "message_id": make_msgid(domain=domain or None),
            "to": to,
            "subject": subject[:255],
            "text": render_to_string(f"{template}.txt", values),
            "html": render_to_string(f"{template}.html", values),
            "created_at": now,
        },
    )[0]


def send_waiting(*, now: datetime) -> None:
    """Send what waits. Who dies between the server's yes and our row sends again, under the same Message-ID.

    MailServerError: the server can't be reached or refuses us; all waits for the next try, five days at most. An
    address that the server refuses is given up: it would be refused tomorrow as well.
    """
    waiting = OutboxMail.objects.filter(sent_at=None)
    waiting.filter(created_at__lt=now - GIVEN_UP_AFTER).update(sent_at=now, to="", subject="", text="", html="")
    mails = list(waiting.order_by("created_at")[:AT_ONCE])
    if not mails or not is_set_up():
        return
    try:
        with get_connection() as connection:
            for mail in mails:
                message = EmailMultiAlternatives(
                    subject=mail.subject,
                    body=mail.text,
                    from_email=settings.KEYWRIGHT_CONSOLE_MAIL_FROM,
                    to=[mail.to],
                    headers={"Message-ID": mail.message_id},
                    connection=connection,
                )
                message.attach_alternative(mail.html, "text/html")
                try:
                    message.send()
                except SMTPRecipientsRefused:
                    logger.warning("the mail server refuses the recipient of mail %s", mail.key)
                OutboxMail.objects.filter(pk=mail.pk).update(sent_at=now, to="", subject="", text="", html="")
    except (OSError, SMTPException) as error:
        raise MailServerError(
            _("The mail server can’t be used (%(reason)s). Check the KEYWRIGHT_CONSOLE_SMTP_… settings.")
            % {"reason": error}
        ) from error
