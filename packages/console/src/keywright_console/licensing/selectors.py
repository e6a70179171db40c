"""The license in force, as every page asks for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.models import HELD_ONCE, InstalledLicense, Place
from keywright_console.licensing.reading import read
from keywright_license import LicenseState

if TYPE_CHECKING:
    from keywright_license import License

OPEN_STATES = frozenset({LicenseState.ACTIVE, LicenseState.GRACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A verified license and how it came here."""

    row_id: uuid.UUID
    license: License
    state: LicenseState
    applied_at: datetime
    applied_by_kind: str
    applied_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force and what waits at one moment; `problem` says why the stored file can't be read."""

    in_force: Installed | None
    waiting: Installed | None
    problem: RefusedLicenseError | None = None

    def has(self, feature: str) -> bool:
        """Whether the feature is open: granted by the license in force, which is active or in its days of grace."""
        current = self.in_force
        return current is not None and current.state in OPEN_STATES and current.license.has(feature)

    @property
    def token(self) -> str:
        """Stands for exactly this state of affairs, so that an apply can tell whether it still holds."""
        return ".".join("-" if one is None else one.row_id.hex for one in (self.in_force, self.waiting))


def standing(*, now: datetime) -> Standing:
    """The license in force at `now`, in one query: what another node applied a moment ago is seen here.

    A waiting license takes over by itself when its term starts: nothing needs to run at that moment, and its row is
    moved at the next change. Too few seats don't keep it from taking over.
    """
    rows = {row.place: row for row in InstalledLicense.objects.filter(place__in=HELD_ONCE)}
    return standing_of(in_force=rows.get(Place.IN_FORCE), waiting=rows.get(Place.WAITING), now=now)


def standing_of(*, in_force: InstalledLicense | None, waiting: InstalledLicense | None, now: datetime) -> Standing:
    """The same for two rows that are at hand."""
    current, problem = _installed(in_force, now=now)
    following, next_problem = _installed(waiting, now=now)
    if following is not None and following.state is not LicenseState.NOT_YET_VALID:
        return Standing(in_force=following, waiting=None)
    return Standing(in_force=current, waiting=following, problem=problem or next_problem)


def _installed(row: InstalledLicense | None, *, now: datetime) -> tuple[Installed | None, RefusedLicenseError | None]:
    if row is None:
        return None, None
    try:
        license_ = read(bytes(row.data), now=now)
    except RefusedLicenseError as error:
        return None, error
    installed = Installed(
        row_id=row.pk,
        license=license_,
        state=license_.state(now=now),
        applied_at=row.applied_at,
        applied_by_kind=row.applied_by_kind,
        applied_by=row.applied_by,
    )
    return installed, None
