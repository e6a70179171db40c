"""Deactivate and activate many users, as by CSV or by a choice of the list."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import letters
from keywright_console.users.listing import batches
from keywright_console.users.models import ApiToken, User
from keywright_console.users.services.deactivate_user import lock_active_admins

BATCH = 500  # users in one transaction: short enough that others who write don't wait, long enough to be quick
Change = tuple[uuid.UUID, bool]
"""A user's key, and whether the user shall be active."""


@dataclass(slots=True, kw_only=True)
class Changed:
    """What was done. `refused` are usernames with the reason; `unchanged` were so already, or are nobody's."""

    deactivated: int = 0
    activated: int = 0
    unchanged: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def change_many(*, actor: Actor, changes: Iterable[Change], now: datetime) -> Changed:
    """Make each user of `changes` active or deactivated, 500 a transaction; doing it again changes nothing more.

    The rules of one user hold for each: nobody deactivates oneself, and the last System Admin stays. Where one is
    refused, the others are changed all the same. Interrupted, what was done stays, and the same call does the rest.
    """
    actor.require(Permission.MANAGE_USERS)
    done = Changed()
    for batch in batches(changes, size=BATCH):
        with transaction.atomic():
            _change(actor=actor, changes=batch, done=done, now=now)
    return done


def _change(*, actor: Actor, changes: Sequence[Change], done: Changed, now: datetime) -> None:
    wanted = dict(changes)
    admins = set(lock_active_admins())
    users = list(User.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    deactivate: list[uuid.UUID] = []
    activate: list[uuid.UUID] = []
    for user in users:
        if wanted[user.pk] == user.is_active:
            continue
        if wanted[user.pk]:
            activate.append(user.pk)
        elif reason := why_not(actor=actor, user=user, admins=admins):
            done.refused.append((user.username, reason))
        else:
            deactivate.append(user.pk)
            admins.discard(user.pk)
    set_active(actor=actor, ids=activate, active=True, now=now)
    set_active(actor=actor, ids=deactivate, active=False, now=now)
    done.activated += len(activate)
    done.deactivated += len(deactivate)
    done.unchanged = done.unchanged + len(changes) - len(activate) - len(deactivate)


def why_not(*, actor: Actor, user: User, admins: set[uuid.UUID]) -> str:
    """Why this active user stays active, given the active System Admins; empty where nothing is against it."""
    if user.public_id == actor.id:
        return _("You can’t deactivate yourself.")
    if admins == {user.pk}:
        return _("This is the last active System Admin.")
    return ""


def set_active(*, actor: Actor, ids: Sequence[uuid.UUID], active: bool, now: datetime) -> None:
    """Write the state of users whose rows the caller has locked, with their audit rows; tokens end with the access."""
    if not ids:
        return
    User.objects.filter(pk__in=ids).update(deactivated_at=None if active else now, updated_at=now)
    if not active:
        ApiToken.objects.filter(user__in=ids).delete()
    audit.record_many(
        actor=actor,
        action="user.activated" if active else "user.deactivated",
        subjects=[letters(pk) for pk in ids],
        now=now,
        before={"active": not active},
        after={"active": active},
    )
