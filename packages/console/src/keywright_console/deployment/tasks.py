"""What a deployment does in the background: only what its administrators allowed."""

from __future__ import annotations

from datetime import datetime

from keywright_console.deployment.selectors import decided, place_of
from keywright_console.deployment.services import fetch_licenses as licenses
from keywright_console.deployment.services import fetch_revocations as revocations
from keywright_console.deployment.services.tell_admins import tell_applied, tell_not_applied, tell_state
from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.selectors import standing


def fetch_licenses(*, now: datetime) -> None:
    """Fetch and apply license changes. Quiet where that is off, or where this server holds no place."""
    chosen = decided()
    if not (chosen.may_speak and chosen.fetches_licenses):
        return
    if place_of(standing(now=now)).activation is None:
        return
    try:
        applied = licenses.fetch_licenses(now=now)
    except RefusedLicenseError as error:
        tell_not_applied(error=error, now=now)
        raise
    tell_applied(applied=applied, now=now)


def fetch_revocations(*, now: datetime) -> None:
    """Fetch what is withdrawn. Quiet where that is off."""
    chosen = decided()
    if chosen.may_speak and chosen.fetches_revocations:
        revocations.fetch_revocations(now=now)


def tell(*, now: datetime) -> None:
    """Tell the System Admins, once, of a license that was withdrawn and of a server that is still not activated."""
    tell_state(now=now)
