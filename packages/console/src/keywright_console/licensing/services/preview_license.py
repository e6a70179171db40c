from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from keywright_console.kit.actor import Actor, Permission
from keywright_console.licensing.comparison import Change, compare
from keywright_console.licensing.models import Place
from keywright_console.licensing.reading import read_applicable
from keywright_console.licensing.selectors import Standing, standing
from keywright_console.licensing.sources import Source
from keywright_console.licensing.trusted_time import judging_time, stored_mark
from keywright_license import LicenseState

if TYPE_CHECKING:
    from keywright_license import License


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    license: License
    place: Place
    standing: Standing
    changes: list[Change]
    active_users: int

    @property
    def is_other_organization(self) -> bool:
        """Whether the license in force names another organization than this file."""
        current = self.standing.in_force
        return current is not None and current.license.organization.name != self.license.organization.name

    @property
    def is_outdone(self) -> bool:
        return is_outdone(self.standing)


def is_outdone(held: Standing) -> bool:
    """Whether the environment has a license, which goes before whatever is applied."""
    return held.in_force is not None and held.in_force.source is Source.ENVIRONMENT


def preview_license(*, actor: Actor, data: bytes, active_users: int, now: datetime) -> Preview:
    """What applying this file would change. Verifies as applying does, and saves nothing."""
    actor.require(Permission.MANAGE_LICENSE)
    held = standing(now=now)
    at = judging_time(now=now, stored=stored_mark())
    license_ = read_applicable(data, active_users=active_users, now=at)
    waits = license_.state(now=at) is LicenseState.NOT_YET_VALID
    current = None if held.in_force is None else held.in_force.license
    return Preview(
        license=license_,
        place=Place.WAITING if waits else Place.IN_FORCE,
        standing=held,
        changes=compare(current, license_),
        active_users=active_users,
    )
