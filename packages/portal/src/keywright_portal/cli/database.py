"""`keywright migrate` and `keywright collect-static`: what a release needs done before its processes start."""

from __future__ import annotations

import click


@click.command()
def migrate() -> None:
    """Bring the database to this release. Changes nothing that is there already."""
    from keywright_portal.cli.start import missing_migrations, start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from django.core.management import call_command  # noqa: PLC0415 (needs a started Django)

    missing = missing_migrations()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    click.echo(f"Applied {missing} migrations." if missing else "The database is up to date.")


@click.command("collect-static")
def collect_static() -> None:
    """Copy style sheets, fonts and scripts to KEYWRIGHT_STATIC_ROOT, each under a name that holds its digest."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from django.conf import settings  # noqa: PLC0415 (needs a started Django)
    from django.core.management import call_command  # noqa: PLC0415 (needs a started Django)

    call_command("collectstatic", interactive=False, verbosity=0)
    click.echo(f"Collected into {settings.STATIC_ROOT}.")
