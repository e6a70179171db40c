from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.installation import lock
from keywright_console.licensing.errors import ChangedMeanwhileError
from keywright_console.licensing.models import Event, InstalledLicense, Place
from keywright_console.licensing.reading import read_applicable
from keywright_console.licensing.selectors import standing_of, with_sources
from keywright_console.licensing.services.moves import held_rows, move
from keywright_console.licensing.trusted_time import judging_time, stored_mark
from keywright_console.revocations.selectors import root_bundle
from keywright_license import LicenseState

if TYPE_CHECKING:
    from keywright_license import License


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of it: `place` says whether the license is in force or waits; `changed` is False for the same file."""

    license: License
    place: Place
    changed: bool


def apply_license(
    *, actor: Actor, data: bytes, active_users: int, now: datetime, seen: str | None = None, reference: str = ""
) -> Applied:
    """Put a license file in force, or let it wait where its term has not begun. The old file is kept as superseded.

    All is verified before anything is touched. `seen` is the token of the standing that the administrator was shown:
    if that no longer holds, nothing is applied. Applying the file that is already there changes nothing. Where the
    environment has a license, that one goes on before whatever is applied.
    """
    actor.require(Permission.MANAGE_LICENSE)
    at = judging_time(now=now, stored=stored_mark())
    license_ = read_applicable(data, active_users=active_users, now=at)
    waits = license_.state(now=at) is LicenseState.NOT_YET_VALID
    place = Place.WAITING if waits else Place.IN_FORCE
    with transaction.atomic():
        lock(now=now)
        rows = held_rows()
        held = standing_of(
            in_force=rows.get(Place.IN_FORCE), waiting=rows.get(Place.WAITING), at=at, withdrawn=root_bundle()
        )
        if seen is not None and seen != with_sources(held).token:
            raise ChangedMeanwhileError(
                _("The license was changed while you looked at this one. Choose the file again.")
            )
        settle(rows, at=at, now=now)
        old = rows.get(place)
        if old is not None and bytes(old.data) == data:
            return Applied(license=license_, place=place, changed=False)
        if old is not None:
            move(old, Event.SUPERSEDE, now=now)
        InstalledLicense.objects.create(
            license_id=license_.id,
            data=data,
            place=place,
            applied_at=now,
            applied_by_kind=actor.kind,
            applied_by=actor.id,
        )
        audit.record(
            actor=actor,
            action="license.applied",
            subject=license_.id,
            now=now,
            before={"license": None if old is None else old.license_id},
            after={"license": license_.id, "place": place.value, "seats": license_.seats, "plan": license_.plan},
            reference=reference,
        )
    return Applied(license=license_, place=place, changed=True)


def settle(rows: dict[Place, InstalledLicense], *, at: datetime, now: datetime) -> None:
    """Write down what time has done: a waiting license whose term has begun takes its place. Changes `rows` too.

    `at` is the time that licenses are judged by, `now` the time that is written down.
    """
    waiting = rows.get(Place.WAITING)
    if waiting is None:
        return
    begun = standing_of(in_force=None, waiting=waiting, at=at, withdrawn=root_bundle()).in_force
    if begun is None:
        return
    old = rows.pop(Place.IN_FORCE, None)
    if old is not None:
        move(old, Event.SUPERSEDE, now=now)
    move(waiting, Event.START, now=now)
    del rows[Place.WAITING]
    rows[Place.IN_FORCE] = waiting
