"""What a deployment does in the background: only what its administrators allowed."""

from __future__ import annotations

from datetime import datetime

from keywright_console.deployment.selectors import decided, place_of
from keywright_console.deployment.services import fetch_licenses as licenses
from keywright_console.deployment.services import fetch_revocations as revocations
from keywright_console.licensing.selectors import standing


def fetch_licenses(*, now: datetime) -> None:
    """Fetch and apply license changes. Quiet where that is off, or where this server holds no place."""
    chosen = decided()
    if not (chosen.may_speak and chosen.fetches_licenses):
        return
    if place_of(standing(now=now)).activation is not None:
        licenses.fetch_licenses(now=now)


def fetch_revocations(*, now: datetime) -> None:
    """Fetch what is withdrawn. Quiet where that is off."""
    chosen = decided()
    if chosen.may_speak and chosen.fetches_revocations:
        revocations.fetch_revocations(now=now)
