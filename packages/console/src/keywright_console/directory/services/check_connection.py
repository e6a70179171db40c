from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import DirectoryError
from keywright_console.directory.models import DirectorySettings, Security
from keywright_console.kit.actor import Actor, Permission

SHOWN = 5  # entries: enough to see whether the attributes are the right ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How far a connection came. `problem` is empty where all went well; `entries` are the first that it found."""

    security: str
    problem: DirectoryError | None
    is_bound: bool
    entries: list[Entry]
    remark: str


def check_connection(*, actor: Actor, settings: DirectorySettings) -> Check:
    """Connect, bind and look at the first entries. Nothing is kept, nobody is changed, and what fails is told."""
    actor.require(Permission.MANAGE_USERS)
    from keywright_console.directory import connecting, fetching  # noqa: PLC0415 - see directory/ldap.py

    is_bound = False
    found: list[Entry] = []
    problem: DirectoryError | None = None
    try:
        with connecting.connection(settings) as link:
            is_bound = True
            found = fetching.sample(link, settings, most=SHOWN)
    except DirectoryError as error:
        problem = error
    return Check(
        security=Security(settings.security).label,
        problem=problem,
        is_bound=is_bound,
        entries=found,
        remark="" if problem else _remark(found, settings),
    )


def _remark(found: list[Entry], settings: DirectorySettings) -> str:
    if not found:
        return _("Base DN and filter find nobody. A synchronization would change nothing and say so.")
    missing = [
        name
        for name, has in (
            (settings.id_attribute, any(entry.key for entry in found)),
            (settings.username_attribute, any(entry.username for entry in found)),
            (settings.email_attribute, any(entry.email for entry in found)),
        )
        if not has
    ]
    if missing:
        return _("None of the first entries has a value in: %(names)s. Check the attributes.") % {
            "names": ", ".join(missing)
        }
    return ""
