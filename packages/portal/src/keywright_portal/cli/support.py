"""`keywright support`: what support asks for on the command line."""

from __future__ import annotations

import click


@click.group()
def support() -> None:
    """Answer what customers ask."""


@support.command()
@click.argument("reference")
def find(reference: str) -> None:
    """Show all that happened under REFERENCE: a PAY-…, order, invoice or ticket number, an id, an email address.

    The oldest first, in UTC. Exits 1 where nothing is known under it.
    """
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.cli.support_work import show_found  # noqa: PLC0415 (needs a started Django)

    show_found(reference)
