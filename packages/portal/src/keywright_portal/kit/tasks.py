"""The outbox's work in the background."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.db.models import F

from keywright_portal.kit import clock
from keywright_portal.kit.mail import SEND_TASK, as_message
from keywright_portal.kit.models import DueJob, OutboxMail
from keywright_portal.kit.queue import enqueue

LEFT_BEHIND_AFTER: Final = timedelta(minutes=30)
"""The queue's own tries come before that."""
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""As long as mail servers themselves try; what can't be sent by then never can."""
JOBS_KEPT: Final = timedelta(days=7)
"""Longer than any schedule's interval, so that no due time is taken twice."""


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


def sweep_outbox() -> int:
    """Enqueue mails that the queue gave up or lost; how many.

    One that couldn't be sent for days stays in the outbox unsent, where the back office shows it.
    """
    now = clock.now()
    left = OutboxMail.objects.filter(
        sent_at=None, created_at__lte=now - LEFT_BEHIND_AFTER, created_at__gt=now - GIVEN_UP_AFTER
    )
    ids = list(left.values_list("pk", flat=True))
    for mail_id in ids:
        enqueue(SEND_TASK, str(mail_id))
    return len(ids)


def forget_done_jobs() -> None:
    """Drop rows of the schedule that can't be asked for again."""
    DueJob.objects.filter(due_at__lt=clock.now() - JOBS_KEPT).delete()
