"""The side navigation: the pages that somebody may open, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from keywright_console.kit.actor import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    label: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    label: str
    pages: list[Entry]


def side(*, actor: Actor, path: str) -> list[Group]:
    """Groups of pages. The current one is the longest address that `path` starts with."""
    pages: list[tuple[str, str, str, str, Permission | None]] = [
        (_("About"), _("Edition and License"), "license", "/about/license/", Permission.MANAGE_LICENSE),
        (_("About"), _("Deployment"), "server", "/about/deployment/", Permission.MANAGE_LICENSE),
        (_("About"), _("Active users"), "chart-line", "/about/usage/", Permission.READ_SYSTEM),
        (_("About"), _("Customer Portal"), "plug", "/about/portal/", Permission.MANAGE_LICENSE),
        (_("About"), _("Server"), "info-circle", "/about/server/", Permission.READ_SYSTEM),
        (_("Users"), _("Users"), "users", "/users/", Permission.MANAGE_USERS),
        (_("Users"), _("AD/LDAP"), "address-book", "/users/ad-ldap/", Permission.MANAGE_USERS),
        (_("System"), _("High availability"), "sitemap", "/system/high-availability/", Permission.READ_SYSTEM),
        (_("System"), _("Audit log"), "history", "/system/audit-log/", Permission.READ_AUDIT),
        (_("Your account"), _("Password"), "lock", "/account/password/", None),
    ]
    allowed = [page for page in pages if page[4] is None or actor.may(page[4])]
    here = max((page[3] for page in allowed if path.startswith(page[3])), key=len, default="")
    groups: dict[str, list[Entry]] = {}
    for group, label, icon, url, _permission in allowed:
        groups.setdefault(group, []).append(Entry(label=label, icon=icon, url=url, current=url == here))
    return [Group(label=label, pages=entries) for label, entries in groups.items()]
