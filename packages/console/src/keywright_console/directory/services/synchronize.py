"""Make the users here follow the directory: by schedule, by hand, or only to see what would change."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import OvertakenError, SyncRunningError
from keywright_console.directory.models import DirectorySettings, DirectoryUser, RunState, SyncRun
from keywright_console.directory.planning import Known, Plan, plan
from keywright_console.directory.selectors import known_users, settings_to_use
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import letters
from keywright_console.kit.models import SINGLE
from keywright_console.users.listing import batches
from keywright_console.users.models import User
from keywright_console.users.services.change_many import BATCH, set_active, why_not
from keywright_console.users.services.deactivate_user import lock_active_admins

# What the directory decides is done in its name; the run says who started it.
DIRECTORY = Actor(kind="directory", id="", permissions=frozenset({Permission.MANAGE_USERS}))
LEASE = timedelta(minutes=15)  # of a run; each batch renews it, so only a dead node's runs out
CLOCKS_DIFFER = timedelta(minutes=5)  # from node to node, at most; more is a clock that was set back
RUNS_KEPT = 100
REASONS_KEPT = 100
Row = TypeVar("Row")
NO_PASSWORD = "!"  # noqa: S105 - what Django keeps where no password fits


def preview(*, actor: Actor, now: datetime) -> Plan:
    """The dry run: ask the directory, compare, change nothing."""
    actor.require(Permission.MANAGE_USERS)
    return _compare(settings_to_use(now=now))


def synchronize(*, actor: Actor, now: datetime) -> SyncRun:
    """Ask the directory and make the users follow it. One run at a time over all nodes: `SyncRunningError`.

    Who is new is created, who changed is changed, who is gone is deactivated, who came back is active again; nobody is
    deleted. Where the directory can't be asked to its end, or answers with nobody, nothing is changed; the run keeps
    why, and the error is raised. Users that don't come from the directory are left alone, and so is the last active
    System Admin. Interrupted, the next run does the rest.
    """
    actor.require(Permission.MANAGE_USERS)
    settings = settings_to_use(now=now)
    lease = _Lease(now=now)
    lease.take()
    run = SyncRun.objects.create(started_at=now, started_by=actor.id, started_by_kind=actor.kind)
    try:
        found = _compare(settings)
        _carry_out(found, run=run, lease=lease, now=now)
    except ConsoleError as error:
        _end(run, state=RunState.FAILED, code=error.code, message=error.message, lease=lease)
        raise
    except BaseException:
        _end(run, state=RunState.FAILED, code="interrupted", message=_("It was interrupted."), lease=lease)
        raise
    _end(run, state=RunState.DONE, lease=lease)
    return run


def _compare(settings: DirectorySettings) -> Plan:
    from keywright_console.directory import connecting, fetching  # noqa: PLC0415 - see directory/ldap.py

    with connecting.connection(settings) as link:
        return plan(entries=fetching.entries(link, settings), known=known_users())


class _Lease:
    """The right to be the one run over all nodes, which ends by itself where a node dies.

    Until when it holds says whose it is, too: who slept past it, while another took it, neither renews nor ends it.
    """

    def __init__(self, *, now: datetime) -> None:
        self._began, self._ticks = now, time.monotonic()
        self._until = now + LEASE

    def now(self) -> datetime:
        """The run's own time: from its beginning on by a clock that nobody sets."""
        return self._began + timedelta(seconds=time.monotonic() - self._ticks)

    def take(self) -> None:
        """SyncRunningError: another run has it."""
        now = self._began
        # One that ends later than any node's lease can was taken before the clock was set back.
        is_free = Q(running_until=None) | Q(running_until__lte=now) | Q(running_until__gt=now + LEASE + CLOCKS_DIFFER)
        free = DirectorySettings.objects.filter(is_free, pk=SINGLE)
        if not free.update(running_until=self._until, asked_at=None):
            raise SyncRunningError(_("A synchronization is running. Wait until it has ended, then try again."))

    def over(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """The rows in batches, the lease renewed before each. OvertakenError: it is another run's by now."""
        for batch in batches(rows, size=BATCH):
            before, self._until = self._until, self.now() + LEASE
            if not DirectorySettings.objects.filter(pk=SINGLE, running_until=before).update(running_until=self._until):
                raise OvertakenError(_("It stood still for so long that another node took over, and does the rest."))
            yield batch

    def end(self) -> None:
        """Let the next run begin at once."""
        DirectorySettings.objects.filter(pk=SINGLE, running_until=self._until).update(running_until=None)


def _end(run: SyncRun, *, state: RunState, lease: _Lease, code: str = "", message: str = "") -> None:
    run.state, run.code, run.message, run.ended_at = state, code, message, lease.now()
    run.save()
    lease.end()
    kept = SyncRun.objects.order_by("-started_at", "-id").values_list("pk", flat=True)[:RUNS_KEPT]
    SyncRun.objects.exclude(pk__in=list(kept)).delete()


def _carry_out(found: Plan, *, run: SyncRun, lease: _Lease, now: datetime) -> None:
    """Batch by batch, each a transaction. Who left goes last, so that a run cut short locks nobody out too early."""
    run.found, skipped = found.found, list(found.skipped)
    for updates in lease.over(found.update):
        run.updated += _update(updates, skipped=skipped, now=now)
    for links in lease.over(found.link):
        run.updated += _link(links, now=now)
    for back in lease.over(found.activate):
        run.activated += _activate(back, skipped=skipped, now=now)
    for entries in lease.over(found.create):
        run.created += _create(entries, skipped=skipped, now=now)
    for gone in lease.over(found.deactivate):
        run.deactivated += _deactivate(gone, skipped=skipped, now=now)
    run.skipped, run.reasons = len(skipped), [list(one) for one in skipped[:REASONS_KEPT]]


def _create(entries: Sequence[Entry], *, skipped: list[tuple[str, str]], now: datetime) -> int:
    """Insert a batch; where somebody was quicker with one of the names, one by one, and that one is left out.

    This and the others answer with how many it came to in the end.
    """
    before = len(skipped)
    try:
        _insert(entries, now=now)
    except IntegrityError:
        for entry in entries:
            try:
                _insert([entry], now=now)
            except IntegrityError:
                skipped.append((entry.dn, _("Somebody took its username or email address a moment ago.")))
    return len(entries) - (len(skipped) - before)


def _insert(entries: Sequence[Entry], *, now: datetime) -> None:
    users = [
        User(username=entry.username, email=entry.email, password=NO_PASSWORD, created_at=now, updated_at=now)
        for entry in entries
    ]
    with transaction.atomic():
        User.objects.bulk_create(users, batch_size=BATCH)
        DirectoryUser.objects.bulk_create(
            (
                DirectoryUser(user_id=user.pk, key=entry.key, dn=entry.dn)
                for user, entry in zip(users, entries, strict=True)
            ),
            batch_size=BATCH,
        )
        audit.record_many(
            actor=DIRECTORY,
            action="user.created",
            subjects=[letters(user.pk) for user in users],
            now=now,
            after={"is_system_admin": False, "is_bot": False, "active": True},
        )


def _update(pairs: Sequence[tuple[Known, Entry]], *, skipped: list[tuple[str, str]], now: datetime) -> int:
    before = len(skipped)
    try:
        _rename(pairs, now=now)
    except IntegrityError:
        for pair in pairs:
            try:
                _rename([pair], now=now)
            except IntegrityError:
                skipped.append((pair[1].dn, _("Its new username or email address is another user’s still.")))
    return len(pairs) - (len(skipped) - before)


def _rename(pairs: Sequence[tuple[Known, Entry]], *, now: datetime) -> None:
    """Write username, email address and DN. The trail says that they changed, not what they were: they are personal."""
    renamed = [pair for pair in pairs if (pair[0].username, pair[0].email) != (pair[1].username, pair[1].email)]
    with transaction.atomic():
        list(User.objects.select_for_update().filter(pk__in=[user.id for user, _entry in renamed]).order_by("pk"))
        User.objects.bulk_update(
            [User(pk=user.id, username=entry.username, email=entry.email, updated_at=now) for user, entry in renamed],
            ["username", "email", "updated_at"],
            batch_size=BATCH,
        )
        DirectoryUser.objects.bulk_update(
            [DirectoryUser(pk=user.id, dn=entry.dn, gone_at=None) for user, entry in pairs],
            ["dn", "gone_at"],
            batch_size=BATCH,
        )
        audit.record_many(
            actor=DIRECTORY, action="user.renamed", subjects=[letters(user.id) for user, _entry in renamed], now=now
        )


def _link(pairs: Sequence[tuple[Known, Entry]], *, now: datetime) -> int:
    """Note that these users here are those entries. Whoever is deactivated stays so."""
    with transaction.atomic():
        DirectoryUser.objects.bulk_create(
            (DirectoryUser(user_id=user.id, key=entry.key, dn=entry.dn) for user, entry in pairs),
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["key", "dn", "gone_at"],
            batch_size=BATCH,
        )
        audit.record_many(
            actor=DIRECTORY, action="user.linked", subjects=[letters(user.id) for user, _entry in pairs], now=now
        )
    return len(pairs)


def _activate(pairs: Sequence[tuple[Known, Entry]], *, skipped: list[tuple[str, str]], now: datetime) -> int:
    """Users that are back: active again where it was a run that deactivated them."""
    _update(pairs, skipped=skipped, now=now)
    with transaction.atomic():
        ids = [user.id for user, _entry in pairs]
        rows = User.objects.select_for_update().filter(pk__in=ids).exclude(deactivated_at=None).order_by("pk")
        back = [user.pk for user in rows]
        set_active(actor=DIRECTORY, ids=back, active=True, now=now)
    return len(back)


def _deactivate(users: Sequence[Known], *, skipped: list[tuple[str, str]], now: datetime) -> int:
    with transaction.atomic():
        admins = set(lock_active_admins())
        rows = list(
            User.objects.select_for_update()
            .filter(pk__in=[user.id for user in users], deactivated_at=None)
            .order_by("pk")
        )
        gone = []
        for user in rows:
            if reason := why_not(actor=DIRECTORY, user=user, admins=admins):
                skipped.append((user.username, reason))
                continue
            admins.discard(user.pk)
            gone.append(user.pk)
        set_active(actor=DIRECTORY, ids=gone, active=False, now=now)
        DirectoryUser.objects.filter(pk__in=gone).update(gone_at=now)
    return len(gone)
