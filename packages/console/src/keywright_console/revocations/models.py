from __future__ import annotations

from django.db import models


class Series(models.TextChoices):
    """Bundles by a root key and bundles by issuing keys are numbered apart (docs/license-file.md)."""

    ROOT = "root"
    ISSUING = "issuing"


class KeptBundle(models.Model):
    """The newest bundle of a series, byte for byte. `seq` copies its number, for people and for the audit trail."""

    series = models.CharField(primary_key=True, max_length=16, choices=Series.choices)
    seq = models.PositiveBigIntegerField()
    data = models.BinaryField()
    kept_at = models.DateTimeField()
