"""`keywright catalog`: what is sold, from a file."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def catalog() -> None:
    """Show or change what is sold, by whom, and under which policies."""


@catalog.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Apply without asking.")
def apply(file: Path, *, yes: bool) -> None:
    """Make what is sold what FILE says. Shows what will change, and asks; changes nothing twice."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.cli.catalog_work import apply_file  # noqa: PLC0415 (needs a started Django)

    apply_file(file, without_asking=yes)


@catalog.command()
def show() -> None:
    """Show the catalog that is in force."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.cli.catalog_work import show_catalog  # noqa: PLC0415 (needs a started Django)

    show_catalog()
