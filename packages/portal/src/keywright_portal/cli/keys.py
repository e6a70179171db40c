"""`keywright keys`: the keys that sign licenses, and what a product pins."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def keys() -> None:
    """Make and show the keys of this installation."""


@keys.command()
@click.option(
    "--root-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Move the root's private key (encrypted) to this new file, to be taken offline.",
)
def create(root_out: Path | None) -> None:
    """Make a root key and the keys that sign. Once an installation; refused where there are keys."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.cli.keys_work import make_keys  # noqa: PLC0415 (needs a started Django)

    make_keys(root_out=root_out)


@keys.command()
def show() -> None:
    """Print the public keys that a product pins, as a JWK set."""
    from keywright_portal.cli.start import start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    from keywright_portal.licensing.selectors import trusted_keys_jwks  # noqa: PLC0415 (needs a started Django)

    click.echo(trusted_keys_jwks())
