from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from keywright_console.cli.running import Answer, answering
from keywright_console.directory.errors import InvalidSettingError, NotSetUpError
from keywright_console.directory.models import DirectorySettings, Security, SyncRun
from keywright_console.directory.planning import in_figures
from keywright_console.directory.selectors import count_from_directory, runs_for, settings_for, settings_to_use
from keywright_console.directory.services.check_connection import check_connection
from keywright_console.directory.services.save_settings import DEFAULTS, Values, save_settings
from keywright_console.directory.services.synchronize import preview, synchronize
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now

KEPT = [one.name for one in fields(Values) if one.name != "bind_password"]


@click.group(name="ldap")
def ldap_group() -> None:
    """AD/LDAP: connect a directory, and let the users here follow it."""


@ldap_group.command(name="show")
@answering
def show_command() -> Answer:
    """Show the settings and the last synchronization. The bind password is never shown."""
    row, runs = settings_for(actor=SHELL), runs_for(actor=SHELL, most=1)
    last = runs[0] if runs else None
    data = {
        "settings": None if row is None else as_dict(row),
        "users": count_from_directory(),
        "last_run": None if last is None else run_as_dict(last),
    }
    if row is None:
        return Answer(data=data, lines=[_("No directory is connected.")])
    lines = [f"{name:<20} {value}" for name, value in as_dict(row).items() if name != "ca_certificates"]
    if last is not None:
        lines.append(run_line(last))
    return Answer(data=data, lines=lines)


@ldap_group.command(name="set")
@click.option("--host", help="Host of the directory, as its certificate names it.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; without one that of the encryption.")
@click.option("--security", type=click.Choice(Security.values), help="Encryption; plain only for this machine.")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CA certificates in PEM form; without them those of the system.",
)
@click.option("--bind-dn", help="Who reads the directory.")
@click.option("--bind-password-stdin", is_flag=True, help="Read the bind password from standard input.")
@click.option("--base-dn", help="Where the users stand.")
@click.option("--filter", "user_filter", help="Who of them is a user here.")
@click.option("--id-attribute", help="What never changes: entryUUID, or objectGUID in Active Directory.")
@click.option("--username-attribute", help="The username: uid, or sAMAccountName in Active Directory.")
@click.option("--email-attribute", help="The email address: mail.")
@click.option("--every", "every_minutes", type=int, help="Minutes from one synchronization to the next.")
@click.option("--on/--off", "is_on", default=None, help="Synchronize by itself, or only when asked for.")
@answering
def set_command(*, ca_file: Path | None, bind_password_stdin: bool, **given: Any) -> Answer:
    """Keep settings; those that aren't named stay as they are. Nobody is changed by it."""
    row = settings_for(actor=SHELL)
    start: DirectorySettings | Values = DEFAULTS if row is None else row
    values = {name: getattr(start, name) for name in KEPT}
    values |= {name: value for name, value in given.items() if value is not None}
    if given["security"] is not None and given["port"] is None:
        values["port"] = None
    if ca_file is not None:
        values["ca_certificates"] = ca_file.read_text()
    password = sys.stdin.readline().rstrip("\r\n") if bind_password_stdin else None
    try:
        made = save_settings(actor=SHELL, values=Values(bind_password=password, **values), now=now())
    except InvalidSettingError as error:
        raise click.UsageError(f"{error.field}: {error.message}") from error
    return Answer(data=as_dict(made), lines=[_("The settings are kept. Nobody has been changed.")])


@ldap_group.command(name="test")
@answering
def test_command() -> Answer:
    """Connect, bind, and show the first users that are found. Exit code 3 where that fails."""
    row = settings_for(actor=SHELL)
    if row is None:
        raise NotSetUpError(_("No directory is connected. Enter its settings first: “keywright-console ldap set”."))
    found = check_connection(actor=SHELL, settings=row)
    if found.problem is not None:
        raise found.problem
    entries = [{"id": one.key, "dn": one.dn, "username": one.username, "email": one.email} for one in found.entries]
    lines = [_("Bound over %(security)s.") % {"security": found.security}, *([found.remark] if found.remark else [])]
    return Answer(
        data={"security": found.security, "remark": found.remark, "entries": entries},
        lines=[*lines, *(f"{one.username:<24} {one.email:<36} {one.dn}" for one in found.entries)],
    )


@ldap_group.command(name="sync")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@answering
def sync_command(*, dry_run: bool) -> Answer:
    """Let the users here follow the directory, now. Who is gone is deactivated; nobody is deleted.

    An answer with nobody, or half an answer, changes nothing: exit code 3, and the reason.
    """
    at = now()
    settings_to_use(now=at)
    if not dry_run:
        run = synchronize(actor=SHELL, now=at)
        return Answer(
            data=run_as_dict(run), lines=[*(f"{name}: {reason}" for name, reason in run.reasons), run_line(run)]
        )
    made = preview(actor=SHELL, now=at)
    users = {
        "create": [entry.username for entry in made.create],
        "link": [entry.username for _user, entry in made.link],
        "update": [entry.username for _user, entry in made.update],
        "activate": [entry.username for _user, entry in made.activate],
        "deactivate": [user.username for user in made.deactivate],
    }
    skipped = [{"name": name, "reason": reason} for name, reason in made.skipped]
    lines = [f"{what:<12} {name}" for what, names in users.items() for name in names]
    lines += [f"{'leave':<12} {name}: {reason}" for name, reason in made.skipped]
    figures = in_figures(made)
    lines.append(", ".join(f"{name} {figure}" for name, figure in figures.items()))
    return Answer(data={**figures, "users": users, "left": skipped}, lines=lines)


def as_dict(row: DirectorySettings) -> dict[str, Any]:
    """The settings for scripts. Of the password only whether there is one."""
    return {name: getattr(row, name) for name in KEPT} | {"has_bind_password": bool(row.bind_password)}


def run_as_dict(run: SyncRun) -> dict[str, Any]:
    return {
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "state": run.state,
        "found": run.found,
        "created": run.created,
        "updated": run.updated,
        "activated": run.activated,
        "deactivated": run.deactivated,
        "skipped": run.skipped,
        "code": run.code,
        "message": run.message,
    }


def run_line(run: SyncRun) -> str:
    """A run in one line."""
    if run.code:
        return f"{run.started_at.isoformat()} {run.state}: {run.message}"
    told = run_as_dict(run)
    names = ("found", "created", "updated", "activated", "deactivated", "skipped")
    return f"{told['started_at']} {run.state}: " + ", ".join(f"{name} {told[name]}" for name in names)
