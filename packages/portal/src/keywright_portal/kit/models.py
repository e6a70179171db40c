"""The audit trail, the mail outbox, and the table that makes a due job single."""

from __future__ import annotations

from django.db import models

from keywright_portal.kit.ids import uuid7


class AuditEntry(models.Model):
    """One change of business state: who, what, when, before and after. Append-only.

    It holds ids and no foreign key, so that what it tells outlives what it tells about; and no personal value, so that
    deleting a person's data leaves it as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    actor_user_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    organization_id = models.UUIDField(null=True, db_index=True)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64, db_index=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reference = models.CharField(max_length=40, blank=True, db_index=True)

    class Meta:
        ordering = ("at", "pk")


class OutboxMail(models.Model):
    """A mail that must go out, written in the transaction that caused it and sent by the queue.

    `key` names the cause (an order's license mail, say): unique, so that one cause makes one mail however often its
    service runs. `message_id` is fixed here, so that a repeat after a crash can be recognised by who receives it.
    `attachment` is one file that goes with it, under `attachment_name`; None for none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=160, unique=True)
    message_id = models.CharField(max_length=160, unique=True)
    sender = models.CharField(max_length=300)
    to = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    html = models.TextField()
    attachment_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    attachment = models.BinaryField(null=True)
    organization_id = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("created_at", "pk")


class DueJob(models.Model):
    """One run of a scheduled job: unique on (job, due), since several workers look at the schedule at once."""

    id = models.BigAutoField(primary_key=True)
    job = models.CharField(max_length=80)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("job", "due_at"), name="due_job_once")]
