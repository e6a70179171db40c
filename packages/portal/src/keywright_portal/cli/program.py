"""The program `keywright`: its commands, and errors as sentences instead of tracebacks.

It exits 0 when done, 1 when something was refused or went wrong, 2 when it was called in a way that it doesn't know.
"""

from __future__ import annotations

from typing import Any

import click

from keywright_portal.cli.catalog import catalog
from keywright_portal.cli.database import collect_static, migrate
from keywright_portal.cli.keys import keys
from keywright_portal.cli.license import licenses
from keywright_portal.cli.processes import serve, worker
from keywright_portal.cli.staff import staff
from keywright_portal.cli.support import support
from keywright_portal.kit.errors import KeywrightError


class Failure(click.ClickException):
    """`code: sentence` on standard error, and exit 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


class Program(click.Group):
    """The root of all commands, where every error that has a sentence ends."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeywrightError as error:
            raise Failure(f"{error.code}: {error.message}") from error
        except Exception as error:
            # By its module: Django may not even be imported here, and a file of an error's name mustn't import it.
            if type(error).__module__ != "django.db.utils":
                raise
            sentence = f"database: {error}. Check KEYWRIGHT_DATABASE_URL, and whether keywright migrate was run."
            raise Failure(" ".join(sentence.split())) from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="keywright-portal")
def main() -> None:
    """Run a customer portal. Settings are environment variables: see docs/settings.md."""


for command in (catalog, collect_static, keys, licenses, migrate, serve, staff, support, worker):
    main.add_command(command)
