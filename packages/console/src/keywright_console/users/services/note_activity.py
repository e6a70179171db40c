from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from keywright_console.users.models import User

# Counted by the day, so minutes don't matter, and a page view that writes costs the lock of the whole SQLite file.
PRECISION = timedelta(minutes=15)


def note_activity(*, user: User, now: datetime) -> None:
    """Remember that the user was here, at most once in `PRECISION`."""
    if user.last_activity_at is not None and now - PRECISION < user.last_activity_at <= now:
        return
    older = Q(last_activity_at=None) | Q(last_activity_at__lte=now - PRECISION) | Q(last_activity_at__gt=now)
    User.objects.filter(older, pk=user.pk).update(last_activity_at=now)
