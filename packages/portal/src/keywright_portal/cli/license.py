"""`keywright license`: what was signed, as a whole."""

# ruff: noqa: PLC0415 (Django, and what needs a started one, are imported when a command runs)

from __future__ import annotations

from pathlib import Path

import click


@click.group(name="license")
def licenses() -> None:
    """Look through what was signed, and issue it anew after a compromise."""


@licenses.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kept",
    metavar="N:HASH",
    multiple=True,
    help="An end of the log that an earlier audit printed, kept elsewhere. Shows whether the log was written anew.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def audit(files: tuple[Path, ...], kept: tuple[str, ...], *, as_json: bool) -> None:
    """Find a license that was never logged, and a log that was cut or changed.

    With FILES, licenses from elsewhere: was each signed here, and is it in the log? Exits 1 where something is wrong.
    """
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.license_work import look_at_files, look_through_log

    if files and kept:
        raise click.UsageError("--kept is about the log: leave FILES out.")
    sound = look_at_files(files, as_json=as_json) if files else look_through_log(kept, as_json=as_json)
    if not sound:
        raise click.exceptions.Exit(1)


@licenses.command()
@click.option("--key", required=True, metavar="KEY", help="The key that signed them. It may sign no more itself.")
@click.option("--because", default="key_compromised", show_default=True, help="A word for the audit trail.")
@click.option("--no-mail", is_flag=True, help="Don't tell customers that there are new files.")
@click.option("--dry-run", is_flag=True, help="Say how many there are, and issue none.")
def reissue(key: str, because: str, *, no_mail: bool, dry_run: bool) -> None:
    """Issue anew every license in force that KEY signed, with the key that signs now.

    Ctrl-C stops it after the batch that it is in. Stopped by that or by anything else, the same command goes on where
    it was, and no license is issued twice. Exits 1 where it was stopped, or a license was refused.
    """
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.license_work import issue_anew

    if not issue_anew(key=key, because=because, tells=not no_mail, dry_run=dry_run):
        raise click.exceptions.Exit(1)
