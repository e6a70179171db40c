"""Who does something, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from keywright_console.kit.errors import NotAllowedError


class Permission(StrEnum):
    MANAGE_LICENSE = "manage_license"
    MANAGE_USERS = "manage_users"
    READ_SYSTEM = "read_system"
    READ_AUDIT = "read_audit"


SYSTEM_ADMIN = frozenset(Permission)
MEMBER: frozenset[Permission] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One who acts: `kind` says by which door (`user`, `shell`, `system`), `id` is the user's or empty."""

    kind: str
    id: str
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowedError` unless the actor has the permission."""
        if not self.may(permission):
            raise NotAllowedError(_("Only a System Admin can do this. Ask one of yours; nothing has been changed."))


# Who reaches the command line reaches the database file as well, so the shell may do everything.
SHELL = Actor(kind="shell", id="", permissions=SYSTEM_ADMIN)
# The set-up of a console that has no users yet.
SETUP = Actor(kind="system", id="", permissions=SYSTEM_ADMIN)
