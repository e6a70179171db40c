"""How often a password may be tried. Counted in the database, so that every node counts together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from keywright_console.users.models import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    name: str
    attempts: int
    window: timedelta

    def key(self, *parts: str) -> str:
        """The row's key: a digest, so that no address and no account stands in the table."""
        return hashlib.sha256("\0".join((self.name, *parts)).encode()).hexdigest()


# Ten slips are more than a person makes; at ten in a quarter of an hour a list of 10,000 passwords takes ten days.
SIGN_IN_ACCOUNT = Limit(name="sign_in_account", attempts=10, window=timedelta(minutes=15))
# An office shares one address, so this one is wide: it only stops the walk through many accounts.
SIGN_IN_ADDRESS = Limit(name="sign_in_address", attempts=100, window=timedelta(minutes=15))
# The set-up code has 128 bits; the limit keeps a stranger from using the page to burn our time.
SETUP_ADDRESS = Limit(name="setup_address", attempts=20, window=timedelta(minutes=15))
# The present password is asked for again before a new one is set.
PASSWORD_ACCOUNT = Limit(name="password_account", attempts=10, window=timedelta(minutes=15))


def take(limit: Limit, *parts: str, now: datetime) -> bool:
    """Count one attempt before it is made; False when it is one too many.

    Counting first, under a row lock, is what makes the limit hold for attempts that run at the same moment.
    """
    key = limit.key(*parts)
    with transaction.atomic():
        ends_at = now + limit.window
        Attempt.objects.get_or_create(key=key, defaults={"count": 0, "window_ends_at": ends_at})
        attempt = Attempt.objects.select_for_update().get(key=key)
        if attempt.window_ends_at <= now or attempt.window_ends_at > ends_at:
            # Over; or it ends later than a window can, since the clock was moved back.
            attempt.count, attempt.window_ends_at = 0, ends_at
        attempt.count += 1
        attempt.save()
    return attempt.count <= limit.attempts


def forget(limit: Limit, *parts: str) -> None:
    """Start again from nothing: the attempt was good."""
    Attempt.objects.filter(key=limit.key(*parts)).delete()


def sweep(*, now: datetime) -> None:
    """Drop the rows whose window is over."""
    Attempt.objects.filter(window_ends_at__lte=now).delete()
