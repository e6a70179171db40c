"""The room's work in the background. Its place in the schedule is `jobs/schedule.py`."""

from __future__ import annotations

from datetime import datetime, timedelta

from keywright_console.directory.models import DirectorySettings, SyncRun
from keywright_console.directory.services.synchronize import DIRECTORY, synchronize
from keywright_console.kit.actor import Actor
from keywright_console.kit.models import SINGLE
from keywright_console.licensing.features import LDAP
from keywright_console.licensing.selectors import standing


def synchronize_when_due(*, now: datetime) -> None:
    """Synchronize where somebody asked for it, or the chosen time since the last run is over. Else nothing.

    Without a license that opens AD/LDAP nothing runs: users stay as they are.
    """
    settings = DirectorySettings.objects.filter(pk=SINGLE).first()
    if settings is None or not standing(now=now).has(LDAP):
        return
    if settings.asked_at is not None:
        asking = Actor(kind=settings.asked_by_kind, id=settings.asked_by, permissions=DIRECTORY.permissions)
        synchronize(actor=asking, now=now)
    elif settings.is_on and _is_due(settings, now=now):
        synchronize(actor=DIRECTORY, now=now)


def _is_due(settings: DirectorySettings, *, now: datetime) -> bool:
    last = SyncRun.objects.order_by("-started_at", "-id").values_list("started_at", flat=True).first()
    # One that lies ahead was made before the clock was moved back.
    return last is None or last > now or now - last >= timedelta(minutes=settings.every_minutes)
