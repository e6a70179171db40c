from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from keywright_console.cli.running import Answer, ReferredError, answering, confirm, yes_option
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import letters, new_id
from keywright_console.licensing.errors import NothingToRemoveError
from keywright_console.licensing.models import Place
from keywright_console.licensing.reading import MAX_BYTES
from keywright_console.licensing.selectors import Installed, Standing, standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.licensing.services.note_refusal import note_refusal
from keywright_console.licensing.services.remove_license import remove_license
from keywright_console.licensing.terms import last_good_day
from keywright_console.users.selectors import count_active
from keywright_look.dates import long_date, number


@click.group(name="license")
def license_group() -> None:
    """The license in force: upload it, show it, remove it."""


@license_group.command(name="upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answering
def upload_command(*, file: Path) -> Answer:
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
        raise ReferredError(error, reference=reference) from error
    license_ = applied.license
    about = {
        "id": license_.id,
        "plan": license_.plan_name,
        "seats": number(license_.seats),
        "day": long_date(license_.starts_at),
    }
    if not applied.changed:
        line = _("This license is here already: %(id)s. Nothing has changed.")
    elif applied.place is Place.WAITING:
        line = _("%(plan)s waits until its term starts on %(day)s: %(id)s")
    else:
        line = _("%(plan)s, %(seats)s seats, is in force: %(id)s")
    return Answer(
        data={"id": license_.id, "place": applied.place.value, "changed": applied.changed}, lines=[line % about]
    )


@license_group.command(name="show")
@answering
def show_command() -> Answer:
    """Show the license in force, and the one that waits for its term. Without a license it says so and exits 0."""
    held, active = standing(now=now()), count_active()
    if held.problem is not None:
        raise held.problem
    data = {
        "licensed": held.in_force is not None,
        "active_users": active,
        "in_force": as_dict(held.in_force),
        "waiting": as_dict(held.waiting),
    }
    return Answer(data=data, lines=shown(held, active_users=active))


def shown(held: Standing, *, active_users: int) -> list[str]:
    """What `show` prints for people."""
    if held.in_force is None:
        lines = [_("Free edition: no license is in force. Active users: %(users)s") % {"users": number(active_users)}]
    else:
        figures = {"users": number(active_users), "seats": number(held.in_force.license.seats)}
        lines = [
            *(f"{label:<14} {value}" for label, value in facts(held.in_force)),
            f"{_('Active users'):<14} {_('%(users)s of %(seats)s seats') % figures}",
        ]
    if held.waiting is not None:
        day = long_date(held.waiting.license.starts_at)
        lines += [
            "",
            _("Waiting for its term, which starts on %(day)s:") % {"day": day},
            *(f"  {label:<12} {value}" for label, value in facts(held.waiting)),
        ]
    return lines


@license_group.command(name="remove")
@yes_option
@answering
def remove_command(*, yes: bool) -> Answer:
    """Remove the license in force, and one that waits. Users and data stay; the licensed features close."""
    if not yes:
        confirm(_("Remove the license? The licensed features close at once, users and data stay."))
    removed = remove_license(actor=SHELL, now=now())
    if not removed:
        raise NothingToRemoveError(_("There is no license to remove."))
    return Answer(data={"removed": removed}, lines=[_("Removed: %(ids)s") % {"ids": ", ".join(removed)}])


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
        "applied_at": installed.applied_at.isoformat() if installed.applied_at else None,
        "source": installed.source.value,
    }


def facts(installed: Installed) -> list[tuple[str, str]]:
    """A license for people, line by line."""
    one = installed.license
    return [
        (_("Edition"), one.plan_name),
        (_("State"), installed.state.value.replace("_", " ")),
        (_("Licensed to"), one.organization.name),
        (_("Seats"), number(one.seats)),
        (_("Starts"), long_date(one.starts_at)),
        (
            _("Expires"),
            _("%(day)s, at the end of the day in every time zone") % {"day": long_date(last_good_day(one.expires_at))},
        ),
        (_("License"), one.id),
    ]
