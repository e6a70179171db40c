"""The license in force, as every page asks for it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Subquery

from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.models import HELD_ONCE, ClockMark, InstalledLicense, Place
from keywright_console.licensing.reading import read
from keywright_console.licensing.sources import Source, from_environment, from_file
from keywright_console.licensing.trusted_time import judging_time, stored_mark
from keywright_console.revocations.models import KeptBundle, Series
from keywright_console.revocations.selectors import root_bundle
from keywright_license import LicenseState

if TYPE_CHECKING:
    from keywright_license import License

OPEN_STATES = frozenset({LicenseState.ACTIVE, LicenseState.GRACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A verified license and how it came here. `applied_at` is unknown of what nobody applied: a variable, a file."""

    row_id: uuid.UUID
    license: License
    data: bytes
    state: LicenseState
    source: Source = Source.DATABASE
    applied_at: datetime | None = None
    applied_by_kind: str = ""
    applied_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A license of a source that another one comes before, or that can't be used: told, so that nobody wonders."""

    source: Source
    license: License | None = None
    problem: RefusedLicenseError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force and what waits at one moment; `problem` says why the stored file can't be read.

    `at` is the time that all was judged by (`trusted_time.py`); days are counted from it.
    """

    in_force: Installed | None
    waiting: Installed | None
    at: datetime
    problem: RefusedLicenseError | None = None
    unused: tuple[Unused, ...] = ()
    # The root bundle by which all was read: it may take keys back.
    withdrawn: bytes = b""

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

    The environment comes first, then what was applied, then the file on this node's disk. A waiting license takes over
    by itself when its term starts: nothing needs to run at that moment, and its row is moved at the next change. Too
    few seats don't keep it from taking over.
    """
    mark = Subquery(ClockMark.objects.values("mark")[:1])
    taken_back = Subquery(KeptBundle.objects.filter(series=Series.ROOT).values("data")[:1])
    found = InstalledLicense.objects.filter(place__in=HELD_ONCE).annotate(clock_mark=mark, taken_back=taken_back)
    rows = {row.place: row for row in found}
    beside: str | None = next((row.clock_mark for row in rows.values()), None)
    withdrawn = next((bytes(row.taken_back or b"") for row in rows.values()), b"")
    stored = beside
    if not rows and _offered():
        stored, withdrawn = stored_mark(), root_bundle()
    at = judging_time(now=now, stored=stored)
    held = standing_of(in_force=rows.get(Place.IN_FORCE), waiting=rows.get(Place.WAITING), at=at, withdrawn=withdrawn)
    return with_sources(held)


def standing_of(
    *, in_force: InstalledLicense | None, waiting: InstalledLicense | None, at: datetime, withdrawn: bytes
) -> Standing:
    """What the database has, for two rows that are at hand, at a time to judge by."""
    current, problem = _installed(in_force, at=at, withdrawn=withdrawn)
    following, next_problem = _installed(waiting, at=at, withdrawn=withdrawn)
    if following is not None and following.state is not LicenseState.NOT_YET_VALID:
        return Standing(in_force=following, waiting=None, at=at, withdrawn=withdrawn)
    return Standing(in_force=current, waiting=following, problem=problem or next_problem, at=at, withdrawn=withdrawn)


def with_sources(held: Standing) -> Standing:
    """What the database has, together with what this node's environment and disk have.

    A license there that can't be read closes nothing: the next source is asked, and the page tells. One whose term has
    not begun waits, as one that was applied does.
    """
    found = held
    for source, data, problem in _offered():
        if data is None:
            found = _with_unused(found, Unused(source=source, problem=problem))
            continue
        try:
            license_ = read(data, now=found.at, withdrawn=found.withdrawn)
        except RefusedLicenseError as error:
            found = _with_unused(found, Unused(source=source, problem=error))
            continue
        state = license_.state(now=found.at)
        found = _with(found, Installed(row_id=_id_of(data), license=license_, data=data, state=state, source=source))
    return found


def _with(held: Standing, offered: Installed) -> Standing:
    if offered.state is LicenseState.NOT_YET_VALID:
        same = held.waiting is not None and held.waiting.license.id == offered.license.id
        if held.waiting is None:
            return replace(held, waiting=offered)
        return held if same else _with_unused(held, Unused(source=offered.source, license=offered.license))
    current = held.in_force
    if current is None:
        return replace(held, in_force=offered)
    if offered.source is Source.FILE:
        same = current.license.id == offered.license.id
        return held if same else _with_unused(held, Unused(source=Source.FILE, license=offered.license))
    others = [one for one in (current, held.waiting) if one is not None and one.license.id != offered.license.id]
    found = replace(held, in_force=offered, waiting=None)
    for one in others:
        found = _with_unused(found, Unused(source=one.source, license=one.license))
    return found


def _with_unused(held: Standing, one: Unused) -> Standing:
    return replace(held, unused=(*held.unused, one))


def _offered() -> list[tuple[Source, bytes | None, RefusedLicenseError | None]]:
    """What environment and disk have, in the order of the sources: bytes, or why they can't be had."""
    found: list[tuple[Source, bytes | None, RefusedLicenseError | None]] = []
    for source, get in ((Source.ENVIRONMENT, from_environment), (Source.FILE, from_file)):
        try:
            data = get()
        except RefusedLicenseError as error:
            found.append((source, None, error))
            continue
        if data is not None:
            found.append((source, data, None))
    return found


def _id_of(data: bytes) -> uuid.UUID:
    """What stands for a file that has no row: the same for the same bytes on every node."""
    return uuid.UUID(bytes=hashlib.sha256(data).digest()[:16])


def _installed(
    row: InstalledLicense | None, *, at: datetime, withdrawn: bytes
) -> tuple[Installed | None, RefusedLicenseError | None]:
    if row is None:
        return None, None
    data = bytes(row.data)
    try:
        license_ = read(data, now=at, withdrawn=withdrawn)
    except RefusedLicenseError as error:
        return None, error
    installed = Installed(
        row_id=row.pk,
        license=license_,
        data=data,
        state=license_.state(now=at),
        applied_at=row.applied_at,
        applied_by_kind=row.applied_by_kind,
        applied_by=row.applied_by,
    )
    return installed, None
