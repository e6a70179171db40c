"""Of what System Admins are reminded, and when. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright_console.licensing.terms import days_left
from keywright_license import LicenseState

if TYPE_CHECKING:
    from keywright_license import License


class Stage(StrEnum):
    """Each is told once a term. The value is what its row holds."""

    DAYS_60 = "60_days"
    DAYS_30 = "30_days"
    DAYS_15 = "15_days"
    DAYS_7 = "7_days"
    DAY_1 = "1_day"
    EXPIRED = "expired"
    GRACE_OVER = "grace_over"


# From how many days before the last good day a stage holds; the first that fits.
DAYS = ((1, Stage.DAY_1), (7, Stage.DAYS_7), (15, Stage.DAYS_15), (30, Stage.DAYS_30), (60, Stage.DAYS_60))


def stage_of(license_: License, *, now: datetime) -> Stage | None:
    """The one stage that holds at `now`. Stages that passed while no server ran are not made up for."""
    state = license_.state(now=now)
    if state is LicenseState.EXPIRED:
        return Stage.GRACE_OVER
    if state is LicenseState.GRACE:
        return Stage.EXPIRED
    if state is LicenseState.NOT_YET_VALID:
        return None
    left = days_left(license_, now=now)
    return next((stage for days, stage in DAYS if left <= days), None)


def term_of(license_: License) -> str:
    """Stands for the term: the same for a file that supersedes another within it, another after a renewal."""
    whose = license_.subscription or license_.organization.id or license_.id
    return hashlib.sha256(f"{whose} {license_.expires_at.isoformat()}".encode()).hexdigest()
