from __future__ import annotations

from typing import ClassVar

from django.db import models

from keywright_console.kit.ids import new_id

SINGLE = 1  # the primary key of a table that holds one row


class Installation(models.Model):
    """The deployment: one row, shared by every node on the same database.

    Its row is also the lock under which the license changes: the rows of the license itself can't serve, since there
    may be none.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    deployment_id = models.UUIDField(default=new_id, unique=True, editable=False)
    made_at = models.DateTimeField()
    # Set by whoever makes the first user, in one conditional UPDATE, so two at once can't both be first.
    set_up_at = models.DateTimeField(null=True)
    # SHA-256 of the code that `serve` prints. It has 128 random bits, so it needs no slow hash.
    setup_code_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=SINGLE), name="kit_installation_single"),
        ]


class AuditRow(models.Model):
    """Who did what, when, and what it was before and after. Only ever inserted.

    It holds ids and no foreign key, and no personal value: a user can be erased and the trail stays whole.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=26, blank=True)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reference = models.CharField(max_length=26, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at", "-id"], name="kit_audit_newest")]


class OutboxMail(models.Model):
    """A mail on its way. `key` says what it is about and for whom: the same is never written twice.

    Address and text are dropped once it is sent; the key stays, so that it isn't sent again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=255)
    to = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=models.Q(sent_at=None), name="kit_outbox_to_be_sent")
        ]
