from __future__ import annotations

from typing import ClassVar

from django.db import models

from keywright_console.kit.ids import new_id
from keywright_console.kit.models import SINGLE
from keywright_console.users.models import User


class Security(models.TextChoices):
    """How what is said to the directory is kept from others."""

    LDAPS = "ldaps", "LDAPS"
    STARTTLS = "starttls", "StartTLS"
    PLAIN = "plain", "None"


class DirectorySettings(models.Model):
    """How to reach the directory, and who of it is a user: one row, for every node.

    The row is also the lease under which one node synchronizes: `running_until` is set by a conditional UPDATE, and
    runs out by itself where that node died.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    is_on = models.BooleanField(default=False)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=16, choices=Security)
    ca_certificates = models.TextField(blank=True)
    bind_dn = models.CharField(max_length=1000, blank=True)
    # AES-GCM under a key made from the server's secret (sealing.py); never the password itself.
    bind_password = models.TextField(blank=True)
    base_dn = models.CharField(max_length=1000)
    user_filter = models.TextField()
    id_attribute = models.CharField(max_length=100)
    username_attribute = models.CharField(max_length=100)
    email_attribute = models.CharField(max_length=100)
    every_minutes = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    # A run that somebody asked for, until it begins.
    asked_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=26, blank=True)
    asked_by_kind = models.CharField(max_length=16, blank=True)
    running_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=SINGLE), name="directory_settings_single"),
        ]


class DirectoryUser(models.Model):
    """That a user comes from the directory. `key` is what the directory never changes; the name may.

    `gone_at` is set when a synchronization missed the user and deactivated it. Only such a one is activated again when
    it comes back: what a System Admin deactivated stays so.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="directory_user")
    key = models.CharField(max_length=200, unique=True)
    dn = models.TextField()
    gone_at = models.DateTimeField(null=True)


class RunState(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SyncRun(models.Model):
    """One synchronization: when, by whom, what it changed, or why it changed nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=26, blank=True)  # the user's id; empty for the schedule
    started_by_kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=RunState, default=RunState.RUNNING)
    found = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    activated = models.PositiveIntegerField(default=0)
    deactivated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)  # pairs of a name and why it was skipped; the first of them
    code = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-started_at", "-id"], name="directory_run_newest")]
