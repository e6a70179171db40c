from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from keywright_console.cli.completion import usernames
from keywright_console.cli.files import write_file
from keywright_console.cli.running import Answer, answering, confirm, yes_option
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.kit.reports import reports_database
from keywright_console.users import csv_files
from keywright_console.users.listing import every
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, find_user, users_for
from keywright_console.users.services.activate_user import activate_user
from keywright_console.users.services.change_many import change_many
from keywright_console.users.services.change_role import change_role
from keywright_console.users.services.create_user import create_user
from keywright_console.users.services.deactivate_user import deactivate_user
from keywright_console.users.services.plan_changes import look_up, weigh
from keywright_console.users.services.set_password import set_password

PASSWORD_VARIABLE = "KEYWRIGHT_CONSOLE_USER_PASSWORD"  # noqa: S105 - the variable's name, not a password
DAYS_MAX = 3650  # ten years; before that nobody was here


@click.group(name="user")
def user_group() -> None:
    """Users: create, list, activate, deactivate, one by one or many at once."""


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
@click.option("--inactive", type=click.IntRange(1, DAYS_MAX), help="Only those who weren't here for so many days.")
@answering
def list_command(*, status: str | None, search: str, inactive: int | None) -> Answer:
    """List users by username, however many. With a read replica the list comes from it."""
    found = chosen(status=status, search=search, inactive=inactive)
    return Answer(data=(as_dict(user) for user in every(found)), lines=(as_line(user) for user in every(found)))


@user_group.command(name="export")
@click.option("--active", "status", flag_value="active", help="Only those that count as active.")
@click.option("--deactivated", "status", flag_value="deactivated", help="Only those that are deactivated.")
@click.option("--bots", "status", flag_value="bots", help="Only bots.")
@click.option("--search", default="", help="Only those with this text in username or email address.")
@click.option("--inactive", type=click.IntRange(1, DAYS_MAX), help="Only those who weren't here for so many days.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, allow_dash=True), help="File to write; - is stdout."
)
@answering
def export_command(*, status: str | None, search: str, inactive: int | None, output: str) -> Answer:
    """Write users as CSV. Change the column state and give the file to “user change --csv”."""
    found = chosen(status=status, search=search, inactive=inactive)
    return write_file(output, "".join(csv_files.written(every(found))).encode())


@user_group.command(name="change")
@click.option(
    "--csv",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the columns state (active or deactivated) and id, username, email or user.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@yes_option
@answering
def change_command(*, file: Path, dry_run: bool, yes: bool) -> Answer:
    """Activate and deactivate users as a CSV file says, any number of them. Nothing is deleted.

    Interrupted, what was done stays, and the same command does the rest.
    """
    lines, problems = csv_files.read(file.read_bytes(), most=None)
    changes, unknown = look_up(lines)
    left_out = sorted([*problems, *unknown], key=lambda one: one.number)
    plan = weigh(actor=SHELL, changes=changes, left_out=left_out)
    told = [_("Line %(number)s is left out: %(text)s") % {"number": one.number, "text": one.text} for one in left_out]
    about = {"deactivate": plan.deactivate, "activate": plan.activate, "unchanged": plan.unchanged}
    data = {**about, "left_out": [{"line": one.number, "reason": one.text} for one in left_out]}
    if dry_run:
        sentence = _("%(deactivate)s to deactivate, %(activate)s to activate, %(unchanged)s as they should be.") % about
        return Answer(
            data={**data, "refused": as_pairs(plan.refused)}, lines=[*told, *in_lines(plan.refused), sentence]
        )
    if not yes:
        confirm(_("Deactivate %(deactivate)s and activate %(activate)s users?") % about)
    done = change_many(actor=SHELL, changes=changes, now=now())
    about = {"deactivate": done.deactivated, "activate": done.activated, "unchanged": done.unchanged}
    sentence = _("%(deactivate)s deactivated, %(activate)s activated, %(unchanged)s as they were.") % about
    data = {**about, "left_out": data["left_out"], "refused": as_pairs(done.refused)}
    return Answer(data=data, lines=[*told, *in_lines(done.refused), sentence])


@user_group.command(name="set-role")
@click.argument("who", shell_complete=usernames)
@click.argument("role", type=click.Choice(["system-admin", "member"]))
@answering
def set_role_command(*, who: str, role: str) -> Answer:
    """Make a user a System Admin, or a member again. WHO is an email address, a username or an id."""
    user = change_role(
        actor=SHELL,
        user_id=find_user(actor=SHELL, who=who).pk,
        is_system_admin=role == "system-admin",
        now=now(),
    )
    sentence = _("%(name)s is a System Admin.") if user.is_system_admin else _("%(name)s is a member.")
    return answer(user, sentence % {"name": user.username})


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


def chosen(*, status: str | None, search: str, inactive: int | None) -> QuerySet[User]:
    """The users that the options leave, from the replica where there is one."""
    since = None if inactive is None else now() - timedelta(days=inactive)
    found = users_for(actor=SHELL, status=Status(status or "all"), search=search, not_here_since=since)
    return found.using(reports_database())


def as_pairs(refused: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"username": name, "reason": reason} for name, reason in refused]


def in_lines(refused: list[tuple[str, str]]) -> list[str]:
    return [f"{name}: {reason}" for name, reason in refused]


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
