from __future__ import annotations

import platform

import django
from django.conf import settings
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from keywright_console import __version__
from keywright_console.kit import audit, clock, mail
from keywright_console.kit.actor import Permission
from keywright_console.kit.build import pinned_product
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.features import CLUSTER
from keywright_console.users.models import User
from keywright_console.users.selectors import usernames
from keywright_console.web.access import permitted
from keywright_console.web.current import standing_of, time_of

AUDIT_PER_PAGE = 50
DATABASE_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

# The license types of the default catalog that grant what has a page here. What opens a page is the license's
# features alone; these names only tell an administrator what to look for.
GRANTED_BY = {CLUSTER: "E20"}


@require_safe
@permitted(Permission.READ_SYSTEM)
def server_page(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """What Support asks first."""
    this = installation(now=time_of(request))
    facts = [
        (_("Console version"), __version__, ""),
        (_("Product"), pinned_product() or settings.KEYWRIGHT_CONSOLE_PRODUCT, ""),
        (_("Database"), database_name(), ""),
        (_("Mail to System Admins"), settings.EMAIL_HOST if mail.is_set_up() else _("Not set up"), mail_hint()),
        (_("Python"), platform.python_version(), ""),
        (_("Django"), django.get_version(), ""),
    ]
    context = {"facts": facts, "deployment": letters(this.deployment_id), "clock_moved": bool(clock.offset())}
    return render(request, "console/server.html", context)


@require_safe
@permitted(Permission.READ_SYSTEM)
def cluster_page(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """High availability: opened by the license's feature."""
    return _feature_page(request, feature=CLUSTER, template="console/cluster.html")


@require_safe
@permitted(Permission.READ_AUDIT)
def audit_page(request: HttpRequest, user: User) -> HttpResponse:
    """Who did what, newest first."""
    page = Paginator(audit.rows_for(actor=user.actor), AUDIT_PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    names = usernames([row.actor_id for row in rows] + [row.subject for row in rows if row.action in USER_ACTIONS])
    lines = [
        {"row": row, "what": action_name(row), "who": who(row, names), "about": names.get(row.subject, row.subject)}
        for row in rows
    ]
    return render(request, "console/audit.html", {"page": page, "lines": lines})


USER_ACTIONS = frozenset(
    {
        "user.created",
        "user.activated",
        "user.deactivated",
        "user.password_changed",
        "user.password_set",
        "user.role_changed",
        "user.renamed",
        "user.linked",
    }
)


def action_name(row: AuditRow) -> str:
    """What was done, in words; an action of a newer release is shown as it is called."""
    names = {
        "license.applied": _("License applied"),
        "license.removed": _("License removed"),
        "license.refused": _("License refused"),
        "deployment.named": _("Server named"),
        "deployment.portal_allowed": _("Customer Portal settings changed"),
        "deployment.request_made": _("Activation request made"),
        "deployment.activated": _("Server activated"),
        "deployment.released": _("Server released"),
        "deployment.lost": _("Place lost at the portal"),
        "deployment.key_replaced": _("Server’s key replaced"),
        "revocations.kept": _("List of withdrawn licenses fetched"),
        "user.created": _("User created"),
        "user.activated": _("User activated"),
        "user.deactivated": _("User deactivated"),
        "user.password_changed": _("Password changed"),
        "user.role_changed": _("Role changed"),
        "user.renamed": _("Renamed by the directory"),
        "user.linked": _("Linked with the directory"),
        "directory.changed": _("Directory settings changed"),
        "user.password_set": _("Password set anew"),
    }
    return names.get(row.action, row.action)


def who(row: AuditRow, names: dict[str, str]) -> str:
    """The one who did it."""
    if row.actor_kind == "shell":
        return _("Command line")
    if row.actor_kind == "system":
        return _("Set-up")
    if row.actor_kind == "job":
        return _("By itself")
    if row.actor_kind == "directory":
        return _("AD/LDAP")
    return names.get(row.actor_id, row.actor_id)


def mail_hint() -> str:
    """What is missing where nobody is told of the license's end."""
    if mail.is_set_up():
        return ""
    return _("KEYWRIGHT_CONSOLE_SMTP_HOST and KEYWRIGHT_CONSOLE_MAIL_FROM")


def database_name() -> str:
    """Kind and version of the database."""
    kind = DATABASE_KINDS.get(connection.vendor, connection.vendor)
    connection.ensure_connection()
    return f"{kind} {'.'.join(str(part) for part in connection.get_database_version())}"


def _feature_page(request: HttpRequest, *, feature: str, template: str) -> HttpResponse:
    held = standing_of(request)
    context = {
        "is_open": held.has(feature),
        "current": held.in_force,
        "granted_by": GRANTED_BY[feature],
        "is_postgresql": connection.vendor == "postgresql",
    }
    return render(request, template, context)
