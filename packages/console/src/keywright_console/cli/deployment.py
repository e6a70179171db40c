from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from keywright_console.cli.files import write_file
from keywright_console.cli.running import Answer, answering, confirm, yes_option
from keywright_console.deployment.models import Contact, Kind
from keywright_console.deployment.selectors import contacts_for, decided, place_of, untold_release
from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.apply_answer import apply_answer
from keywright_console.deployment.services.change_settings import allow, name_deployment
from keywright_console.deployment.services.fetch_licenses import fetch_licenses
from keywright_console.deployment.services.fetch_revocations import fetch_revocations
from keywright_console.deployment.services.hold_key import public_key, replace_key
from keywright_console.deployment.services.make_request import make_request
from keywright_console.deployment.services.release import release, tell_release
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation
from keywright_console.licensing.selectors import standing
from keywright_license import MAX_FILE_BYTES, thumbprint
from keywright_look.dates import long_date

KINDS = {"production": Kind.PRODUCTION, "non-production": Kind.NON_PRODUCTION}
OUTPUT = click.option(
    "--output", required=True, type=click.Path(dir_okay=False, allow_dash=True), help="File to write; - is stdout."
)


@click.group(name="deployment")
def deployment_group() -> None:
    """The server's place under the license: activate, release, and what it may tell the portal."""


@deployment_group.command(name="show")
@answering
def show_command() -> Answer:
    """Show whether the server is activated, and what it may do towards the Customer Portal."""
    at = now()
    place, chosen, key = place_of(standing(now=at)), decided(), public_key()
    deployment = letters(installation(now=at).deployment_id)
    activation, told = place.activation, untold_release()
    contacts = contacts_for(actor=SHELL)
    data = {
        "deployment": deployment,
        "name": chosen.name,
        "kind": chosen.kind,
        "key": None if key is None else thumbprint(key),
        "licensed": place.license is not None,
        "activated": activation is not None,
        "activation": None if activation is None else activation.activation_id,
        "activated_at": None if activation is None else activation.activated_at.isoformat(),
        "overdue": place.is_overdue(now=at),
        "release_to_be_told": None if told is None else told.activation_id,
        "portal": {
            "may_speak": chosen.may_speak,
            "fetches_licenses": chosen.fetches_licenses,
            "fetches_revocations": chosen.fetches_revocations,
            "sends_usage": chosen.sends_usage,
        },
        "contacts": {purpose: contact_as_dict(contact) for purpose, contact in sorted(contacts.items())},
    }
    if activation is not None:
        state = _("activated on %(day)s") % {"day": long_date(activation.activated_at)}
    else:
        state = _("not activated; nothing stops for it") if place.license else _("no license, so no place is needed")
    lines = [
        f"{_('Deployment'):<14} {deployment}",
        f"{_('Name'):<14} {chosen.name or '–'}",
        f"{_('Kind'):<14} {chosen.get_kind_display()}",
        f"{_('State'):<14} {state}",
        f"{_('Portal'):<14} {_allowed(data['portal'])}",
    ]
    if told is not None:
        lines.append(_("The place is given back. The portal wasn’t told by this server: deployment release --again"))
    return Answer(data=data, lines=lines)


@deployment_group.command(name="name")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(KINDS)), default="production", show_default=True, help="Which place.")
@answering
def name_command(*, name: str, kind: str) -> Answer:
    """Say what the server is called, and which of the subscription's places it takes."""
    row = name_deployment(actor=SHELL, name=name, kind=KINDS[kind], now=now())
    return Answer(
        data={"name": row.name, "kind": row.kind},
        lines=[_("Saved. The Customer Portal hears of it with the next activation.")],
    )


@deployment_group.command(name="allow")
@click.option("--speak/--no-speak", "may_speak", default=None, help="Speak to the portal at all.")
@click.option("--licenses/--no-licenses", "fetches_licenses", default=None, help="Fetch license changes.")
@click.option("--revocations/--no-revocations", "fetches_revocations", default=None, help="Fetch what is withdrawn.")
@click.option("--usage/--no-usage", "sends_usage", default=None, help="Send the daily count.")
@answering
def allow_command(**switches: bool | None) -> Answer:
    """Turn on or off what the server may do towards the portal; what isn't named stays. All is off at first."""
    given = {name: value for name, value in switches.items() if value is not None}
    if not given:
        raise click.UsageError(_("Name at least one switch, for example --speak. “deployment show” tells what is on."))
    row = allow(actor=SHELL, now=now(), **given)
    data = {name: getattr(row, name) for name in switches}
    return Answer(data=data, lines=[_allowed(data)])


@deployment_group.command(name="activate")
@answering
def activate_command() -> Answer:
    """Activate the server online. Asking again keeps the place."""
    row = activate(actor=SHELL, now=now())
    return Answer(
        data={"activation": row.activation_id, "subscription": row.subscription, "kind": row.kind},
        lines=[_("The server is activated: %(id)s") % {"id": row.activation_id}],
    )


@deployment_group.command(name="request")
@OUTPUT
@answering
def request_command(*, output: str) -> Answer:
    """Write an activation request, to be uploaded in the Customer Portal. It is good for 30 days."""
    return write_file(output, make_request(actor=SHELL, now=now()))


@deployment_group.command(name="apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answering
def apply_command(*, file: Path) -> Answer:
    """Apply the answer in FILE, which the Customer Portal gave for the request."""
    with file.open("rb") as stream:
        row = apply_answer(actor=SHELL, data=stream.read(MAX_FILE_BYTES + 1), now=now())
    return Answer(
        data={"activation": row.activation_id, "subscription": row.subscription, "kind": row.kind},
        lines=[_("The server is activated: %(id)s") % {"id": row.activation_id}],
    )


@deployment_group.command(name="release")
@click.option("--again", is_flag=True, help="Send or write the last release once more, if the portal wasn’t told.")
@click.option("--output", type=click.Path(dir_okay=False, allow_dash=True), help="Write it to a file; send nothing.")
@yes_option
@answering
def release_command(*, again: bool, output: str | None, yes: bool) -> Answer:
    """Give the server's place back, and tell the portal. The server goes on; it only isn't activated any more."""
    if again:
        row = untold_release()
    else:
        if not yes:
            confirm(_("Release the server’s place? It is free for another server then."))
        row = release(actor=SHELL, now=now())
    if output is not None and row is not None and row.release is not None:
        return write_file(output, bytes(row.release))
    told = tell_release(actor=SHELL, now=now())
    return Answer(
        data={"activation": told.activation_id, "told": True},
        lines=[_("The place is given back, and the Customer Portal knows.")],
    )


@deployment_group.command(name="fetch")
@answering
def fetch_command() -> Answer:
    """Fetch license changes and the list of what is withdrawn, right now."""
    bundles = fetch_revocations(now=now(), actor=SHELL)
    applied = fetch_licenses(now=now(), actor=SHELL)
    data = {
        "applied": [{"id": one.license.id, "place": one.place.value} for one in applied],
        "revocations": [bundle.seq for bundle in bundles],
    }
    ids = ", ".join(one.license.id for one in applied)
    line = _("Applied: %(ids)s") % {"ids": ids} if applied else _("The Customer Portal has no license that isn’t here.")
    return Answer(data=data, lines=[line])


@deployment_group.command(name="new-key")
@yes_option
@answering
def new_key_command(*, yes: bool) -> Answer:
    """Make a new key for the server, when its secret was lost or somebody may have read the key.

    The place stays with the old key until it is released in the Customer Portal, on the page Deployments.
    """
    if not yes:
        confirm(_("Make a new key? The server is not activated then, until its old place is released in the portal."))
    made = replace_key(actor=SHELL, now=now())
    return Answer(data={"key": made.thumbprint}, lines=[_("The new key: %(key)s") % {"key": made.thumbprint}])


def contact_as_dict(contact: Contact) -> dict[str, Any]:
    return {
        "tried_at": contact.tried_at.isoformat(),
        "done_at": contact.done_at.isoformat() if contact.done_at else None,
        "code": contact.code or None,
        "message": contact.message or None,
        **contact.detail,
    }


def _allowed(switches: Any) -> str:
    """What is on, in words."""
    if not switches["may_speak"]:
        return _("off: nothing is sent, nothing is fetched")
    names = {
        "fetches_licenses": _("fetches license changes"),
        "fetches_revocations": _("fetches what is withdrawn"),
        "sends_usage": _("sends the daily count"),
    }
    return ", ".join([_("on"), *(name for switch, name in names.items() if switches[switch])])
