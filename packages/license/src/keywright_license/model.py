"""What a license grants, whichever format it came in. Frozen, without I/O and without a clock: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# Days that a license in force keeps working after it has expired; the reference gives servers in the field the same.
GRACE_DAYS = 10
_GRACE = timedelta(days=GRACE_DAYS)


class Format(StrEnum):
    KEYWRIGHT = "keywright"
    MATTERMOST = "mattermost"

    @property
    def suffix(self) -> str:
        """What a file of this format is called by, with its full stop."""
        return f".{self.value}-license"


class LicenseState(StrEnum):
    NOT_YET_VALID = "not_yet_valid"
    ACTIVE = "active"
    GRACE = "grace"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The buyer. `email` is a role address, never a person's: a license outlives the people who bought it."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """How many servers may be activated with the license."""

    production: int = 1
    non_production: int = 0


ONE_DEPLOYMENT = Deployments()


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """A grant. Those that `verify` returns are genuine; nothing here says whether one made by hand is.

    Times are aware, in UTC. `expires_at` already holds the 12 hours that make the last day whole in every time zone.
    `extra` has the claims that this version does not know, as they came.
    """

    id: str
    issuer: str
    product: str
    subscription: str
    issued_at: datetime
    starts_at: datetime
    expires_at: datetime
    plan: str
    plan_name: str
    seats: int
    features: frozenset[str]
    organization: Organization
    deployments: Deployments = ONE_DEPLOYMENT
    is_trial: bool = False
    supersedes: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)
    format: Format = Format.KEYWRIGHT

    def has(self, feature: str) -> bool:
        """Whether the license grants a feature; says nothing about time."""
        return feature in self.features

    def state(self, *, now: datetime) -> LicenseState:
        """Where `now` lies. A license is good at the very instant of `expires_at`, and in grace at the last of the 10
        days.
        """
        if now < self.starts_at:
            return LicenseState.NOT_YET_VALID
        if now <= self.expires_at:
            return LicenseState.ACTIVE
        if now - self.expires_at <= _GRACE:
            return LicenseState.GRACE
        return LicenseState.EXPIRED
