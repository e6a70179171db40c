from __future__ import annotations

from django.db import models


class ProviderEvent(models.Model):
    """A webhook's event by the provider's id: one row however often it is delivered. A trigger, no source of facts."""

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
