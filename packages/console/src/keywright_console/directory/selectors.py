"""What can be asked about the directory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from keywright_console.directory.errors import NotLicensedError, NotSetUpError
from keywright_console.directory.models import DirectorySettings, DirectoryUser, SyncRun
from keywright_console.directory.planning import Known
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.models import SINGLE
from keywright_console.licensing.features import LDAP
from keywright_console.licensing.selectors import standing
from keywright_console.users.models import User

RUNS_SHOWN = 10


def settings_for(*, actor: Actor) -> DirectorySettings | None:
    """The settings; none before they are made."""
    actor.require(Permission.MANAGE_USERS)
    return DirectorySettings.objects.filter(pk=SINGLE).first()


def settings_to_use(*, now: datetime) -> DirectorySettings:
    """The settings of a directory that may be asked: set up, and granted by the license in force."""
    if not standing(now=now).has(LDAP):
        raise NotLicensedError(
            _("The license in force doesn’t open AD/LDAP. Apply one that does; nothing has been changed.")
        )
    found = DirectorySettings.objects.filter(pk=SINGLE).first()
    if found is None:
        raise NotSetUpError(_("No directory is connected. Enter its settings first; nothing has been changed."))
    return found


def runs_for(*, actor: Actor, most: int = RUNS_SHOWN) -> list[SyncRun]:
    """The last synchronizations, newest first."""
    actor.require(Permission.MANAGE_USERS)
    return list(SyncRun.objects.order_by("-started_at", "-id")[:most])


def count_from_directory() -> int:
    """Users that come from the directory, those who left it included."""
    return DirectoryUser.objects.count()


def entry_of(user_id: uuid.UUID) -> DirectoryUser | None:
    """Where a user comes from; none for one of this console's own."""
    return DirectoryUser.objects.filter(pk=user_id).first()


def known_users() -> Iterator[Known]:
    """All users as a synchronization compares them."""
    rows = User.objects.order_by("pk").values_list(
        "pk",
        "username",
        "email",
        "deactivated_at",
        "is_bot",
        "directory_user__key",
        "directory_user__dn",
        "directory_user__gone_at",
    )
    for pk, username, email, deactivated_at, is_bot, key, dn, gone_at in rows.iterator(chunk_size=5000):
        yield Known(pk, username, email, deactivated_at is None, is_bot, key or "", dn or "", gone_at is not None)
