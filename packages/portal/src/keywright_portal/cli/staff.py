"""`keywright staff`: who may use the back office."""

from __future__ import annotations

import sys

import click


@click.group()
def staff() -> None:
    """Manage the vendor's own people."""


@staff.command()
@click.option("--email", required=True, help="Email address to sign in with.")
@click.option("--name", required=True, help="Name, as colleagues read it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking for it.")
def create(email: str, name: str, *, password_stdin: bool) -> None:
    """Make an account for the back office. Asks for its password."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
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
    create_staff(email=email, name=name, password=password, actor=actor, now=clock.now())
    click.echo(f"Made {email}. Sign in under /backoffice/.")
