from __future__ import annotations

from typing import ClassVar

from django.db import models

from keywright_console.kit.ids import new_id


class DailyCount(models.Model):
    """What was counted on one day (UTC), with the signed report that says it.

    `line` is the report byte for byte, and what is sent is that and nothing else. Without a license there is nobody to
    report to: such a count has no `seq` and no line, and is for this server's own page. The chain (`seq`, `previous` in
    the line) runs over all counts that have a line, whatever subscription they belong to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField(unique=True)
    counted_at = models.DateTimeField()
    active_users = models.PositiveBigIntegerField()
    deactivated_users = models.PositiveBigIntegerField()
    bots = models.PositiveBigIntegerField()
    seats = models.PositiveBigIntegerField(null=True)
    seq = models.PositiveBigIntegerField(null=True, unique=True)
    subscription = models.CharField(max_length=500, blank=True, default="")
    line = models.BinaryField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(seq=None, line=None) | models.Q(seq__isnull=False, line__isnull=False),
                name="usage_signed_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["seq"], condition=models.Q(line__isnull=False, sent_at=None), name="usage_to_be_sent")
        ]
