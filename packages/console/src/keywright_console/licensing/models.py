from __future__ import annotations

from typing import ClassVar

from django.db import models

from keywright_console.kit.ids import letters, new_id
from keywright_console.kit.models import SINGLE


class Place(models.TextChoices):
    """Where a license file stands. The first two are held by one row each, the others by any number."""

    IN_FORCE = "in_force"
    WAITING = "waiting"  # for its start: the next term's
    SUPERSEDED = "superseded"
    REMOVED = "removed"


class Event(models.TextChoices):
    START = "start"
    SUPERSEDE = "supersede"
    REMOVE = "remove"


HELD_ONCE = (Place.IN_FORCE, Place.WAITING)

MOVES: dict[tuple[Place, Event], Place] = {
    (Place.WAITING, Event.START): Place.IN_FORCE,
    (Place.WAITING, Event.SUPERSEDE): Place.SUPERSEDED,
    (Place.WAITING, Event.REMOVE): Place.REMOVED,
    (Place.IN_FORCE, Event.SUPERSEDE): Place.SUPERSEDED,
    (Place.IN_FORCE, Event.REMOVE): Place.REMOVED,
}


class InstalledLicense(models.Model):
    """A license file that was applied here, byte for byte. What it grants is in the bytes and nowhere else.

    No column copies a claim: a copy could be edited in the database, the signed bytes can't.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    license_id = models.CharField(max_length=64)
    data = models.BinaryField()
    place = models.CharField(max_length=16, choices=Place.choices)
    applied_at = models.DateTimeField()
    applied_by_kind = models.CharField(max_length=16)
    applied_by = models.CharField(max_length=26, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place"], condition=models.Q(place__in=HELD_ONCE), name="licensing_place_held_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-applied_at"], name="licensing_newest")]

    @property
    def public_id(self) -> str:
        return letters(self.id)


class ClockMark(models.Model):
    """The time that it is at least, as `keywright_license.clock` keeps it: a clock set back extends no term."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE, editable=False)
    mark = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=SINGLE), name="licensing_mark_single")]


class Reminder(models.Model):
    """One thing that System Admins were told about a term: one row, so that it is told once, by whichever node."""

    term = models.CharField(max_length=64)  # SHA-256 of subscription and end: the same through superseding files
    stage = models.CharField(max_length=16)
    told_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["term", "stage"], name="licensing_told_once")]
