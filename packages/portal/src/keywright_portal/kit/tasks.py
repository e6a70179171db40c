"""The outbox's work in the background."""

from __future__ import annotations

import uuid

from django.db.models import F

from keywright_portal.kit import clock
from keywright_portal.kit.mail import as_message
from keywright_portal.kit.models import OutboxMail


def send_mail(mail_id: str) -> None:
    """Send one mail of the outbox, unless it went out before.

    The mail server's answer comes before our row says so: a worker that dies between the two sends it again, with the
    same Message-ID. A failure is raised, so that the queue tries again; the sweep finds what the queue gave up.
    """
    mail = OutboxMail.objects.filter(pk=uuid.UUID(mail_id), sent_at=None).first()
    if mail is None:
        return
    OutboxMail.objects.filter(pk=mail.pk).update(attempts=F("attempts") + 1)
    as_message(mail).send()
    OutboxMail.objects.filter(pk=mail.pk, sent_at=None).update(sent_at=clock.now())
