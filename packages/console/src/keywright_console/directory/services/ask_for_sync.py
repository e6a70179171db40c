from __future__ import annotations

from datetime import datetime

from keywright_console.directory.models import DirectorySettings
from keywright_console.directory.selectors import settings_to_use
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.models import SINGLE


def ask_for_sync(*, actor: Actor, now: datetime) -> None:
    """Ask for a synchronization by the background runner: a directory of 100,000 keeps no browser waiting.

    Whoever calls wakes the runner up. Asking twice before it begins is one run.
    """
    actor.require(Permission.MANAGE_USERS)
    settings_to_use(now=now)
    DirectorySettings.objects.filter(pk=SINGLE).update(asked_at=now, asked_by=actor.id, asked_by_kind=actor.kind)
