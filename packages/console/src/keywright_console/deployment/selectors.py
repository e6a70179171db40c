"""What can be asked about this deployment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keywright_console.deployment.models import Activation, Contact, DeploymentSettings, Kind, RequestFile, State
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.models import SINGLE
from keywright_console.licensing.selectors import Standing

if TYPE_CHECKING:
    from keywright_license import License

# So long a server that is being set up is only reminded; later it is told that time is up. Neither stops anything.
SETTLING = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whether this deployment holds its place under the license in force. `since`: when that license came here."""

    license: License | None
    activation: Activation | None
    since: datetime | None = None

    @property
    def is_missing(self) -> bool:
        """A license is in force, and no place under it is held here."""
        return self.license is not None and self.activation is None

    def is_overdue(self, *, now: datetime) -> bool:
        return self.is_missing and self.since is not None and now - self.since > SETTLING


def place_of(standing: Standing) -> Place:
    """The place under the license that is in force, or that waits where none is."""
    installed = standing.in_force or standing.waiting
    if installed is None:
        return Place(license=None, activation=None)
    return Place(
        license=installed.license,
        activation=held_for(installed.license.subscription),
        since=installed.applied_at,
    )


def held_for(license_subscription: str) -> Activation | None:
    """The place held for licenses that name this subscription."""
    return Activation.objects.filter(state=State.HELD, license_subscription=license_subscription).first()


def untold_release() -> Activation | None:
    """The place that was given back last, if the portal was not told by this server itself."""
    return (
        Activation.objects.filter(state=State.RELEASED, release_told_at=None, release__isnull=False)
        .order_by("-ended_at")
        .first()
    )


def decided() -> DeploymentSettings:
    """What the administrators decided; all off where they never did."""
    return DeploymentSettings.objects.filter(pk=SINGLE).first() or DeploymentSettings(kind=Kind.PRODUCTION)


def made_request() -> RequestFile | None:
    """The request that was made last to be carried by hand."""
    return RequestFile.objects.filter(pk=SINGLE).first()


def contacts_for(*, actor: Actor) -> dict[str, Contact]:
    """What this server spoke to the portal about, by purpose."""
    actor.require(Permission.MANAGE_LICENSE)
    return {contact.purpose: contact for contact in Contact.objects.all()}
