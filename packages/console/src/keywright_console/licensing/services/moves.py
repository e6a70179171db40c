from __future__ import annotations

from datetime import datetime

from keywright_console.licensing.models import HELD_ONCE, MOVES, Event, InstalledLicense, Place


def held_rows() -> dict[Place, InstalledLicense]:
    """The rows in force and waiting, by place. For callers that hold the installation's lock."""
    return {Place(row.place): row for row in InstalledLicense.objects.filter(place__in=HELD_ONCE)}


def move(row: InstalledLicense, event: Event, *, now: datetime) -> None:
    """Move one row by the table; an event that the table lacks is a mistake of ours and raises KeyError."""
    row.place = MOVES[Place(row.place), event]
    row.ended_at = None if row.place in HELD_ONCE else now
    row.save(update_fields=["place", "ended_at"])
