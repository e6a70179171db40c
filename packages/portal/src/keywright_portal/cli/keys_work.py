"""What `keywright keys create` does, once Django has started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import KeywrightError
from keywright_portal.licensing.services.create_keys import create_keys

ACTOR: Final = "keywright keys create"
PRIVATE_FILE_MODE: Final = 0o600


class RootFileError(KeywrightError):
    """The root's private key can't be put where it was asked to go."""

    code = "root_file"


def make_keys(*, root_out: Path | None) -> None:
    """Make the keys; with `root_out`, the root's file goes there, and out of the portal's directory."""
    # The place is taken first: keys are made once, and must not be made when their root then has nowhere to go.
    target = None if root_out is None else _take_place(root_out)
    try:
        made = create_keys(actor=system(ACTOR), now=clock.now())
    except BaseException:
        if target is not None:
            target.unlink()
        raise
    root_file = made.root_file
    if target is not None:
        _move(root_file, target)
        root_file = target
    click.echo(f"Root key {made.root_kid}")
    for kid in made.signing_kids:
        click.echo(f"Signing key {kid}")
    click.echo(f"The root’s private key is in {root_file}, encrypted with KEYWRIGHT_KEYS_PASSPHRASE. Take it offline:")
    click.echo("it is needed again only to certify another signing key. Products pin what keywright keys show prints.")


def _take_place(file: Path) -> Path:
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE_MODE))
    except FileExistsError as error:
        raise RootFileError(f"{file} exists already, and nothing is overwritten. Name a new file.") from error
    except OSError as error:
        raise RootFileError(f"{file} can’t be written: {error.strerror}. Name another file.") from error
    return file


def _move(source: Path, target: Path) -> None:
    """Across file systems too, and the copy is on the disk before the original goes."""
    with target.open("wb") as opened:
        opened.write(source.read_bytes())
        opened.flush()
        os.fsync(opened.fileno())
    source.unlink()
