from __future__ import annotations

import os
import sys
from typing import Any

import click
from django.utils.translation import gettext as _

from keywright_console.cli.completion import usernames
from keywright_console.cli.running import Answer, answering
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, find_user, users_for
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.create_user import create_user
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.set_password import set_password

PASSWORD_VARIABLE = "KEYWRIGHT_CONSOLE_USER_PASSWORD"  # noqa: S105 - the variable's name, not a password


@click.group(name="user")
def user_group() -> None:
    """Users: create, list, activate, deactivate."""


@user_group.command(name="create")
@click.option("--email", required=True, help="Email address; each may be used once.")
@click.option("--username", required=True, help="Username: a letter, then letters, digits, dots, hyphens.")
@click.option("--password", help="Password. Others on this machine can see it in the list of processes.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead.")
@click.option("--system-admin", is_flag=True, help="Make a System Admin.")
@click.option("--bot", is_flag=True, help="Make a bot, which takes no seat.")
@answering
def create_command(
    *,
    email: str,
    username: str,
    password: str | None,
    password_stdin: bool,
    system_admin: bool,
    bot: bool,
) -> Answer:
    """Create a user who can sign in at once. The first one ends the set-up.

    The password comes from --password-stdin, --password, or the variable KEYWRIGHT_CONSOLE_USER_PASSWORD.
    """
    user = create_user(
        actor=SHELL,
        email=email,
        username=username,
        password=given_password(password, from_stdin=password_stdin),
        is_system_admin=system_admin,
        is_bot=bot,
        now=now(),
    )
    role = _("System Admin") if user.is_system_admin else _("bot") if user.is_bot else _("member")
    about = {"name": user.username, "email": user.email, "role": role, "id": user.public_id}
    return answer(user, _("Created %(name)s (%(email)s), %(role)s: %(id)s") % about)


@user_group.command(name="list")
@click.option("--active", "status", flag_value="active", help="Only those that count as active.")
@click.option("--deactivated", "status", flag_value="deactivated", help="Only those that are deactivated.")
@click.option("--bots", "status", flag_value="bots", help="Only bots.")
@click.option("--search", default="", help="Only those with this text in username or email address.")
@answering
def list_command(*, status: str | None, search: str) -> Answer:
    """List users by username."""
    users = users_for(actor=SHELL, status=Status(status or "all"), search=search)
    return Answer(data=(as_dict(user) for user in users.iterator()), lines=(as_line(user) for user in users.iterator()))


@user_group.command(name="activate")
@click.argument("who", shell_complete=usernames)
@answering
def activate_command(*, who: str) -> Answer:
    """Let a deactivated user in again. WHO is an email address, a username or an id."""
    user = activate_user(actor=SHELL, user_id=find_user(actor=SHELL, who=who).pk, now=now())
    return answer(user, _("%(name)s is active.") % {"name": user.username})


@user_group.command(name="deactivate")
@click.argument("who", shell_complete=usernames)
@answering
def deactivate_command(*, who: str) -> Answer:
    """End a user's access and free the seat; nothing is deleted. WHO is an email address, a username or an id."""
    user = deactivate_user(actor=SHELL, user_id=find_user(actor=SHELL, who=who).pk, now=now())
    return answer(user, _("%(name)s is deactivated.") % {"name": user.username})


@user_group.command(name="set-password")
@click.argument("who", shell_complete=usernames)
@click.option("--password", help="Password. Others on this machine can see it in the list of processes.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead.")
@answering
def set_password_command(*, who: str, password: str | None, password_stdin: bool) -> Answer:
    """Give a user who forgot it a new password, and end all sessions. WHO is an email address, a username or an id."""
    user = set_password(
        actor=SHELL,
        user_id=find_user(actor=SHELL, who=who).pk,
        password=given_password(password, from_stdin=password_stdin),
        now=now(),
    )
    return answer(user, _("%(name)s has a new password.") % {"name": user.username})


def given_password(password: str | None, *, from_stdin: bool) -> str:
    """The password by whichever way it was given; by two ways or by none is a misuse."""
    if from_stdin and password is not None:
        raise click.UsageError(_("Give --password or --password-stdin, not both."))
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    found = password if password is not None else os.environ.get(PASSWORD_VARIABLE)
    if found is None:
        raise click.UsageError(
            _("A password is needed: --password-stdin, --password, or %(variable)s.") % {"variable": PASSWORD_VARIABLE}
        )
    return found


def answer(user: User, sentence: str) -> Answer:
    """What was done to one user: a sentence, or the user as that left it."""
    return Answer(data=as_dict(user), lines=[sentence])


def as_line(user: User) -> str:
    """A user in the list for people."""
    marks = [
        _("active") if user.is_active else _("deactivated"),
        *([_("System Admin")] if user.is_system_admin else []),
        *([_("bot")] if user.is_bot else []),
    ]
    return f"{user.public_id}  {user.username:<24} {user.email:<36} {', '.join(marks)}"


def as_dict(user: User) -> dict[str, Any]:
    """A user for scripts: ISO 8601 times in UTC."""
    return {
        "id": user.public_id,
        "username": user.username,
        "email": user.email,
        "is_system_admin": user.is_system_admin,
        "is_bot": user.is_bot,
        "active": user.is_active,
        "created_at": user.created_at.isoformat(),
        "deactivated_at": user.deactivated_at.isoformat() if user.deactivated_at else None,
        "last_activity_at": user.last_activity_at.isoformat() if user.last_activity_at else None,
    }
