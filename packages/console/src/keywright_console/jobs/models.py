from __future__ import annotations

from django.db import models


class JobState(models.Model):
    """When a job is due next, and what came of its last run: one row a job, shared by every node on the database."""

    name = models.CharField(primary_key=True, max_length=64)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)  # the last run that ended well
    # Why the last run failed: a stable code; empty where it ended well.
    code = models.CharField(max_length=64, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)  # in a row
