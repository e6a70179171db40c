from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from keywright_console.cli.running import command
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import letters, new_id
from keywright_console.licensing.errors import NothingToRemoveError
from keywright_console.licensing.models import Place
from keywright_console.licensing.reading import MAX_BYTES
from keywright_console.licensing.selectors import Installed, standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.note_refusal import note_refusal
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.licensing.terms import last_good_day
from keywright_console.users.selectors import count_active


@click.group(name="license")
def license_group() -> None:
    """The license in force: upload it, show it, remove it."""


@license_group.command(name="upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@command
def upload_command(file: Path, *, as_json: bool) -> None:
    """Apply the license in FILE. It is in force on every node at the next request; nothing restarts.

    A license whose term has not begun waits and takes over by itself. A refused file changes nothing.
    """
    with file.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    at, reference = now(), letters(new_id())
    try:
        applied = apply_license(actor=SHELL, data=data, active_users=count_active(), now=at, reference=reference)
    except ConsoleError as error:
        note_refusal(actor=SHELL, data=data, error=error, now=at, reference=reference)
        click.echo(f"reference: {reference}", err=True)
        raise
    license_ = applied.license
    if as_json:
        result = {"id": license_.id, "place": applied.place.value, "changed": applied.changed}
        click.echo(json.dumps(result))
        return
    if not applied.changed:
        click.echo(f"This license is here already: {license_.id}. Nothing has changed.")
    elif applied.place is Place.WAITING:
        click.echo(f"{license_.plan_name} waits until its term starts on {license_.starts_at:%d %b %Y}: {license_.id}")
    else:
        click.echo(f"{license_.plan_name}, {license_.seats:,} seats, is in force: {license_.id}")


@license_group.command(name="show")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@command
def show_command(*, as_json: bool) -> None:
    """Show the license in force, and the one that waits for its term. Without a license it says so and exits 0."""
    held, active = standing(now=now()), count_active()
    if held.problem is not None:
        raise held.problem
    if as_json:
        shown = {
            "licensed": held.in_force is not None,
            "active_users": active,
            "in_force": as_dict(held.in_force),
            "waiting": as_dict(held.waiting),
        }
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if held.in_force is None:
        click.echo(f"Free edition: no license is in force. Active users: {active:,}")
    else:
        for label, value in facts(held.in_force):
            click.echo(f"{label:<14} {value}")
        click.echo(f"{'Active users':<14} {active:,} of {held.in_force.license.seats:,} seats")
    if held.waiting is not None:
        click.echo(f"\nWaiting for its term, which starts on {held.waiting.license.starts_at:%d %b %Y}:")
        for label, value in facts(held.waiting):
            click.echo(f"  {label:<12} {value}")


@license_group.command(name="remove")
@click.option("--yes", is_flag=True, help="Don’t ask.")
@command
def remove_command(*, yes: bool) -> None:
    """Remove the license in force, and one that waits. Users and data stay; the licensed features close."""
    if not yes:
        click.confirm("Remove the license? The licensed features close at once, users and data stay.", abort=True)
    removed = remove_license(actor=SHELL, now=now())
    if not removed:
        raise NothingToRemoveError("There is no license to remove.")
    click.echo(f"Removed: {', '.join(removed)}")


def as_dict(installed: Installed | None) -> dict[str, Any] | None:
    """A license for scripts: ISO 8601 times in UTC, plain figures."""
    if installed is None:
        return None
    one = installed.license
    return {
        "id": one.id,
        "state": installed.state.value,
        "format": one.format.value,
        "product": one.product,
        "subscription": one.subscription,
        "plan": one.plan,
        "plan_name": one.plan_name,
        "seats": one.seats,
        "features": sorted(one.features),
        "deployments": {"production": one.deployments.production, "non_production": one.deployments.non_production},
        "organization": {
            "id": one.organization.id,
            "name": one.organization.name,
            "email": one.organization.email,
        },
        "is_trial": one.is_trial,
        "issued_at": one.issued_at.isoformat(),
        "starts_at": one.starts_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "applied_at": installed.applied_at.isoformat(),
    }


def facts(installed: Installed) -> list[tuple[str, str]]:
    """A license for people, line by line."""
    one = installed.license
    return [
        ("Edition", one.plan_name),
        ("State", installed.state.value.replace("_", " ")),
        ("Licensed to", one.organization.name),
        ("Seats", f"{one.seats:,}"),
        ("Starts", f"{one.starts_at:%d %b %Y}"),
        ("Expires", f"{last_good_day(one.expires_at):%d %b %Y}, at the end of the day in every time zone"),
        ("License", one.id),
    ]
