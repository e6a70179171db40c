"""`keywright staff`: who may use the back office, and for what."""

from __future__ import annotations

import sys
from typing import Final

import click

ROLES: Final = ("admin", "billing", "support")
"""As `StaffRole` has them, which needs a started Django."""
NO_ROLE: Final = "none"


@click.group()
def staff() -> None:
    """Manage the vendor's own people."""


@staff.command()
@click.option("--email", required=True, help="Email address to sign in with.")
@click.option("--name", required=True, help="Name, as colleagues read it.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="support",
    show_default=True,
    help="billing moves money and reads reports; support sees all that customers did; admin may both.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def create(email: str, name: str, *, role: str, password_stdin: bool) -> None:
    """Make an account for the back office. Asks for its password."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.accounts.models import StaffRole  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.accounts.services.create_staff import create_staff  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.kit import clock  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.kit.actor import system  # noqa: PLC0415 (needs a started Django)

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise click.UsageError("Nobody is here to type a password. Give it on standard input, with --password-stdin.")
    actor = system("keywright staff create")
    create_staff(email=email, name=name, password=password, role=StaffRole(role), actor=actor, now=clock.now())
    click.echo(f"Made {email}, role {role}. Sign in under /backoffice/.")


@staff.command()
@click.option("--email", required=True, help="Email address of the account.")
@click.option("--role", type=click.Choice((*ROLES, NO_ROLE)), required=True, help="none: no longer staff.")
def change(email: str, role: str) -> None:
    """Give an account of the back office another role, or none."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.accounts.models import StaffRole  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.accounts.services.change_staff import change_staff  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.kit import clock  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.kit.actor import system  # noqa: PLC0415 (needs a started Django)

    wanted = None if role == NO_ROLE else StaffRole(role)
    user = change_staff(email=email, role=wanted, actor=system("keywright staff change"), now=clock.now())
    click.echo(f"{user.email} is no longer staff." if wanted is None else f"{user.email} has the role {role} now.")
