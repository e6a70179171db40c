"""See what deactivating and activating many users would do, keep it, and carry it out as it was seen."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import from_letters
from keywright_console.users.csv_files import Line, Problem
from keywright_console.users.listing import batches
from keywright_console.users.models import ACTIVE_ADMIN, PlannedChange, User
from keywright_console.users.services.change_many import Change, Changed, change_many, why_not

KEPT_FOR = timedelta(days=1)
MOST = 100_000  # users in one plan; more goes by the command line
LOOKED_UP_AT_ONCE = 300  # each by three columns, below what one statement may carry on SQLite
NAMED = 20  # users that the page names; the rest it counts
LEFT_OUT_KEPT = 100  # lines of a file that are told


class TooManyChangesError(ConsoleError):
    code = "too_many_changes"


class PlanNotFoundError(ConsoleError):
    code = "plan_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What carrying out would do at this moment. `seats` is how many seats more (or fewer, below 0) are taken."""

    deactivate: int
    activate: int
    unchanged: int
    seats: int
    named: list[User]
    refused: list[tuple[str, str]]
    left_out: list[tuple[int, str]]


def plan_changes(
    *, actor: Actor, changes: Sequence[Change], now: datetime, left_out: Sequence[Problem] = ()
) -> uuid.UUID:
    """Keep the changes to be shown and carried out later; plans of yesterday go."""
    actor.require(Permission.MANAGE_USERS)
    check_number(len(changes))
    PlannedChange.objects.filter(made_at__lte=now - KEPT_FOR).delete()
    made = PlannedChange.objects.create(
        made_at=now,
        made_by=actor.id,
        changes=[[key.hex, active] for key, active in changes],
        left_out=[[one.number, one.text] for one in left_out[:LEFT_OUT_KEPT]],
    )
    return made.pk


def check_number(number: int) -> None:
    """Raise `TooManyChangesError` above what one plan may hold."""
    if number > MOST:
        sentence = _("These are more than %(most)s users. Use “keywright-console user change --csv”, or choose less.")
        raise TooManyChangesError(sentence % {"most": f"{MOST:,}"})


def plan_for(*, actor: Actor, plan_id: uuid.UUID) -> Plan:
    """The plan against the users as they are now. One made by somebody else is not found."""
    kept = _kept(actor=actor, plan_id=plan_id)
    left_out = [Problem(number=number, text=text) for number, text in kept.left_out]
    return weigh(actor=actor, changes=_changes(kept), left_out=left_out)


def carry_out(*, actor: Actor, plan_id: uuid.UUID, now: datetime) -> Changed:
    """Do what the plan says, once: the plan is gone with it."""
    kept = _kept(actor=actor, plan_id=plan_id)
    done = change_many(actor=actor, changes=_changes(kept), now=now)
    with transaction.atomic():
        kept.delete()
    return done


def look_up(lines: Iterable[Line]) -> tuple[list[Change], list[Problem]]:
    """Whom the lines name, by id, username or email address. A user named twice with two states is left out."""
    changes: dict[uuid.UUID, bool] = {}
    contradicted: set[uuid.UUID] = set()
    problems: list[Problem] = []
    for batch in batches(lines, size=LOOKED_UP_AT_ONCE):
        known = _known(batch)
        for line in batch:
            key = known.get(line.who.lower())
            if key is None:
                problems.append(
                    Problem(number=line.number, text=_("There is no user “%(who)s”.") % {"who": line.who[:80]})
                )
            elif changes.setdefault(key, line.active) != line.active:
                contradicted.add(key)
                problems.append(
                    Problem(
                        number=line.number,
                        text=_("“%(who)s” stands in the file with both states.") % {"who": line.who[:80]},
                    )
                )
    return [(key, active) for key, active in changes.items() if key not in contradicted], problems


def _known(lines: Sequence[Line]) -> dict[str, uuid.UUID]:
    """The keys of those that exist, by each of the names that they may stand under."""
    texts = [line.who.lower() for line in lines]
    keys = []
    for text in texts:
        with suppress(ValueError):  # no id, so it is one of the other two
            keys.append(from_letters(text))
    found: dict[str, uuid.UUID] = {}
    for user in User.objects.filter(Q(username__in=texts) | Q(email__in=texts) | Q(pk__in=keys)).only(
        "username", "email"
    ):
        found |= {user.username: user.pk, user.email: user.pk, user.public_id: user.pk}
    return found


def _kept(*, actor: Actor, plan_id: uuid.UUID) -> PlannedChange:
    actor.require(Permission.MANAGE_USERS)
    kept = PlannedChange.objects.filter(pk=plan_id, made_by=actor.id).first()
    if kept is None:
        raise PlanNotFoundError(
            _("This was carried out already, or it is more than a day old. Choose the users again.")
        )
    return kept


def _changes(kept: PlannedChange) -> list[Change]:
    return [(uuid.UUID(hex=key), active) for key, active in kept.changes]


def weigh(*, actor: Actor, changes: Sequence[Change], left_out: Sequence[Problem] = ()) -> Plan:
    """What these changes would do to the users as they are now. Nothing is changed and nothing kept."""
    actor.require(Permission.MANAGE_USERS)
    wanted = dict(changes)
    admins = set(User.objects.filter(ACTIVE_ADMIN).values_list("pk", flat=True))
    deactivate = activate = seats = 0
    named: list[User] = []
    refused: list[tuple[str, str]] = []
    rows = User.objects.only("username", "email", "deactivated_at", "is_bot", "is_system_admin")
    found = rows.in_bulk(list(wanted))
    for user in sorted(found.values(), key=lambda one: one.username):
        if wanted[user.pk] == user.is_active:
            continue
        if not wanted[user.pk] and (reason := why_not(actor=actor, user=user, admins=admins)):
            refused.append((user.username, reason))
            continue
        if wanted[user.pk]:
            activate += 1
        else:
            deactivate += 1
            admins.discard(user.pk)
        if not user.is_bot:
            seats += 1 if wanted[user.pk] else -1
        if len(named) < NAMED:
            named.append(user)
    return Plan(
        deactivate=deactivate,
        activate=activate,
        unchanged=len(wanted) - deactivate - activate - len(refused),
        seats=seats,
        named=named,
        refused=refused,
        left_out=[(one.number, one.text) for one in left_out],
    )
