"""What can be asked about users. Functions that show other people ask for the actor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import from_letters, letters
from keywright_console.kit.reports import reports_database
from keywright_console.users.errors import UserNotFoundError
from keywright_console.users.models import ACTIVE_ADMIN, COUNTS, User, UserTotals

DAY = timedelta(days=1)
MONTH = timedelta(days=31)  # as clients of the v4 API know "monthly active"
ADMINS_NAMED = 5  # enough people to ask; a page is no directory


class Status(StrEnum):
    """The filter of the users' list."""

    ALL = "all"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    BOTS = "bots"


STATUS_FILTERS: dict[Status, Q] = {
    Status.ALL: Q(),
    Status.ACTIVE: COUNTS,
    Status.DEACTIVATED: Q(deactivated_at__isnull=False, is_bot=False),
    Status.BOTS: Q(is_bot=True),
}


# Written as the index on it is, or the database would not know it again.
INACTIVE_SINCE = Coalesce("last_activity_at", "created_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    all: int
    active: int
    deactivated: int
    bots: int
    active_admins: int  # counted up to two: what one asks is whether there is another

    def of(self, status: Status) -> int:
        by_status = {
            Status.ALL: self.all,
            Status.ACTIVE: self.active,
            Status.DEACTIVATED: self.deactivated,
            Status.BOTS: self.bots,
        }
        return by_status[status]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How many of the users that count were here lately."""

    daily: int
    monthly: int


def count_active() -> int:
    """Active users: those that are not deactivated, bots apart. The database keeps the number, however many."""
    return UserTotals.objects.values_list("active", flat=True).first() or 0


def counts() -> Counts:
    """All counts of the users' page, in two queries that don't grow with the users."""
    found = UserTotals.objects.first() or UserTotals(active=0, deactivated=0, bots=0)
    return Counts(
        all=found.active + found.deactivated + found.bots,
        active=found.active,
        deactivated=found.deactivated,
        bots=found.bots,
        # In order of the key, so that SQLite takes the index of System Admins, not one through all active users.
        active_admins=User.objects.filter(ACTIVE_ADMIN).order_by("pk")[:2].count(),
    )


def activity(*, now: datetime) -> Activity:
    """Users that were active in the last day and the last 31 days: read by all rows, so from a replica where one is."""
    lately = User.objects.using(reports_database()).filter(COUNTS, last_activity_at__gt=now - MONTH)
    found = lately.aggregate(daily=Count("pk", filter=Q(last_activity_at__gt=now - DAY)), monthly=Count("pk"))
    return Activity(**found)


def users_for(
    *, actor: Actor, status: Status = Status.ALL, search: str = "", not_here_since: datetime | None = None
) -> QuerySet[User]:
    """Users by username, those that the filter and the text leave.

    `not_here_since` leaves those who take a seat and were not here since: one who never signed in was last here when
    created.
    """
    actor.require(Permission.MANAGE_USERS)
    users = User.objects.filter(STATUS_FILTERS[status]).order_by("username")
    if not_here_since is not None:
        users = users.filter(COUNTS).alias(since=INACTIVE_SINCE).filter(since__lte=not_here_since)
    text = search.strip().lower()
    if text:
        users = users.filter(Q(username__contains=text) | Q(email__contains=text))
    return users


def user_for(*, actor: Actor, user_id: uuid.UUID) -> User:
    """One user. Everybody may see oneself; an id that one may not see is not found."""
    if not actor.may(Permission.MANAGE_USERS) and actor.id != letters(user_id):
        raise UserNotFoundError(_("There is no such user."))
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFoundError(_("There is no such user."))
    return user


def find_user(*, actor: Actor, who: str) -> User:
    """A user by email address, username or id, as one types it at the command line."""
    actor.require(Permission.MANAGE_USERS)
    by = Q(username=who.strip().lower()) | Q(email=who.strip().lower())
    with suppress(ValueError):  # raised where it is no id, so it is one of the other two
        by |= Q(pk=from_letters(who.strip()))
    user = User.objects.filter(by).order_by("username").first()
    if user is None:
        raise UserNotFoundError(
            _("There is no user “%(who)s”. “keywright-console user list” shows all.") % {"who": who}
        )
    return user


def system_admins_to_ask() -> list[User]:
    """Some System Admins, those who were here last first: whom a member may ask."""
    admins = User.objects.filter(ACTIVE_ADMIN).order_by("-last_activity_at", "username")
    return list(admins[:ADMINS_NAMED])


def usernames(public_ids: Iterable[str]) -> dict[str, str]:
    """The usernames of these ids, as far as they are users'; one query for all."""
    wanted = [from_letters(public_id) for public_id in set(public_ids) if public_id]
    return {letters(pk): username for pk, username in User.objects.filter(pk__in=wanted).values_list("pk", "username")}
