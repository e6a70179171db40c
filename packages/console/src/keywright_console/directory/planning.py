"""What a synchronization would change: the directory's entries beside the users here. Pure; nothing is read or written.

An entry and a user are one by the directory's own id. Where a user isn't known from the directory yet, or its entry was
made anew under another id, username and email address together say that they are one. One of both alone doesn't: many
directories let people change their own address, and an account here, a System Admin's too, must not be had that way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import EmptyAnswerError, UnknownEntriesError
from keywright_console.users.errors import InvalidUserError
from keywright_console.users.naming import clean_email, clean_username


@dataclass(frozen=True, slots=True)
class Known:
    """A user here. `key` and `dn` are empty where it doesn't come from the directory."""

    id: uuid.UUID
    username: str
    email: str
    is_active: bool
    is_bot: bool
    key: str
    dn: str
    is_gone: bool


@dataclass(slots=True, kw_only=True)
class Plan:
    """What to do. An entry to update is written whole; `skipped` are names with the reason."""

    found: int = 0
    unchanged: int = 0
    create: list[Entry] = field(default_factory=list)
    link: list[tuple[Known, Entry]] = field(default_factory=list)
    update: list[tuple[Known, Entry]] = field(default_factory=list)
    activate: list[tuple[Known, Entry]] = field(default_factory=list)
    deactivate: list[Known] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return len(self.create) + len(self.link) + len(self.update) + len(self.activate) + len(self.deactivate)


def plan(*, entries: Iterable[Entry], known: Iterable[Known]) -> Plan:
    """Weigh every entry against every user. `DirectoryError` where the answer can't be the whole of a directory."""
    made = Plan()
    here = _Here(known)
    seen: set[str] = set()
    fresh: list[Entry] = []
    for raw in entries:
        made.found += 1
        if not raw.key:
            made.skipped.append((raw.dn, _("It has no value in the attribute of the id.")))
            continue
        if raw.key in seen:
            made.skipped.append((raw.dn, _("Another entry has the same id.")))
            continue
        seen.add(raw.key)
        user = here.by_key.get(raw.key)
        if user is not None and _is_same(user, raw):
            made.unchanged += 1
            continue
        try:
            entry = Entry(raw.key, raw.dn, clean_username(raw.username), clean_email(raw.email))
        except InvalidUserError as error:
            made.skipped.append((raw.dn, error.message))
            continue
        if user is None:
            fresh.append(entry)
        else:
            _weigh_known(made, here, user, entry)
    _check_answer(made, seen)
    for entry in fresh:
        _weigh_fresh(made, here, entry, seen)
    relinked = {user.id for user, _entry in made.link}
    made.deactivate = [
        user for key, user in here.by_key.items() if key not in seen and user.is_active and user.id not in relinked
    ]
    return made


class _Here:
    """The users here by each name, and who has which at the end of the run."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.by_key: dict[str, Known] = {}
        self.by_username: dict[str, uuid.UUID | str] = {}
        self.by_email: dict[str, uuid.UUID | str] = {}
        self.users: dict[uuid.UUID, Known] = {}
        for user in known:
            if user.key:
                self.by_key[user.key] = user
            self.users[user.id] = user
            self.by_username[user.username] = user.id
            self.by_email[user.email] = user.id

    def reason(self, entry: Entry, owner: uuid.UUID | str) -> str:
        """Why the entry can't have its names, for an owner who may have them already; empty where it can."""
        if self.by_username.get(entry.username, owner) != owner:
            return _("Another user here has the username “%(name)s”.") % {"name": entry.username}
        if self.by_email.get(entry.email, owner) != owner:
            return _("Another user here has the email address “%(email)s”.") % {"email": entry.email}
        return ""

    def take(self, entry: Entry, owner: uuid.UUID | str) -> None:
        self.by_username[entry.username] = owner
        self.by_email[entry.email] = owner


def _is_same(user: Known, raw: Entry) -> bool:
    """Nothing to do: by far the most frequent answer, so it comes before anything is cleaned."""
    return not user.is_gone and user.username == raw.username and user.email == raw.email and user.dn == raw.dn


def _weigh_known(made: Plan, here: _Here, user: Known, entry: Entry) -> None:
    if reason := here.reason(entry, user.id):
        made.skipped.append((entry.dn, reason))
        entry = Entry(entry.key, entry.dn, user.username, user.email)
    here.take(entry, user.id)
    is_renamed = (user.username, user.email, user.dn) != (entry.username, entry.email, entry.dn)
    if user.is_gone:
        made.activate.append((user, entry))
    elif is_renamed:
        made.update.append((user, entry))
    else:
        made.unchanged += 1


def _weigh_fresh(made: Plan, here: _Here, entry: Entry, seen: set[str]) -> None:
    owner = here.by_username.get(entry.username)
    if isinstance(owner, uuid.UUID) and here.by_email.get(entry.email) == owner:
        user = here.users[owner]
        if user.is_bot:
            made.skipped.append((entry.dn, _("A bot here has this username and email address.")))
        elif user.key in seen:
            made.skipped.append((entry.dn, _("Another entry of the directory is this user already.")))
        else:
            made.link.append((user, entry))
            seen.add(user.key)
            if user.is_gone:
                made.activate.append((user, entry))
        return
    if reason := here.reason(entry, entry.key):
        made.skipped.append((entry.dn, reason))
        return
    here.take(entry, entry.key)
    made.create.append(entry)


def _check_answer(made: Plan, seen: set[str]) -> None:
    if not made.found:
        raise EmptyAnswerError(
            _(
                "The directory answered with nobody, so nobody is deactivated: a wrong base DN or filter looks the "
                "same as an empty directory. Check both with “Test the connection”."
            )
        )
    if not seen:
        raise UnknownEntriesError(
            _(
                "None of the entries has a value in the attribute of the id, so they can’t be told apart and nothing "
                "has been changed. Active Directory has objectGUID, OpenLDAP entryUUID."
            )
        )


def in_figures(made: Plan) -> Mapping[str, int]:
    """The plan as a run keeps it."""
    return {
        "found": made.found,
        "created": len(made.create),
        "updated": len(made.update) + len(made.link),
        "activated": len(made.activate),
        "deactivated": len(made.deactivate),
        "skipped": len(made.skipped),
    }
