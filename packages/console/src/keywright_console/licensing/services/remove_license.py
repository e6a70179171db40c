from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.installation import lock
from keywright_console.licensing.models import HELD_ONCE, Event, Place
from keywright_console.licensing.services.apply_license import settle
from keywright_console.licensing.services.moves import held_rows, move
from keywright_console.licensing.trusted_time import judging_time, stored_mark


def remove_license(
    *, actor: Actor, now: datetime, places: Collection[Place] = HELD_ONCE, reference: str = ""
) -> list[str]:
    """Take licenses out of force, by default the waiting one too; their ids. None there is no error.

    Users and their data stay; the features that the license opened close with the next request.
    """
    actor.require(Permission.MANAGE_LICENSE)
    removed = []
    with transaction.atomic():
        lock(now=now)
        rows = held_rows()
        settle(rows, at=judging_time(now=now, stored=stored_mark()), now=now)
        for place, row in rows.items():
            if place not in places:
                continue
            move(row, Event.REMOVE, now=now)
            removed.append(row.license_id)
            audit.record(
                actor=actor,
                action="license.removed",
                subject=row.license_id,
                now=now,
                before={"license": row.license_id, "place": place.value},
                after={"license": None},
                reference=reference,
            )
    return removed
