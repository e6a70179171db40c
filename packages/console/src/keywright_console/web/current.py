"""What one request knows once and for all: its time, its user, the license in force."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from keywright_console.deployment.selectors import Place, place_of
from keywright_console.kit import clock
from keywright_console.licensing.selectors import Standing, standing
from keywright_console.users.models import User


def time_of(request: HttpRequest) -> datetime:
    """One `now` for all that a request does, so that a page agrees with itself."""
    at: datetime | None = getattr(request, "at", None)
    if at is None:
        at = clock.now()
        request.at = at  # type: ignore[attr-defined]  # a request carries what middleware hangs on it
    return at


def user_of(request: HttpRequest) -> User | None:
    """The user who is signed in."""
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def standing_of(request: HttpRequest) -> Standing:
    """The license in force, read once a request."""
    found: Standing | None = getattr(request, "standing", None)
    if found is None:
        found = standing(now=time_of(request))
        request.standing = found  # type: ignore[attr-defined]  # the same
    return found


def place_here(request: HttpRequest) -> Place:
    """Whether this server holds its place, asked once a request."""
    found: Place | None = getattr(request, "place", None)
    if found is None:
        found = place_of(standing_of(request))
        request.place = found  # type: ignore[attr-defined]  # the same
    return found
