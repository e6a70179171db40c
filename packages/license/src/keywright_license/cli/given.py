"""What the commands are given: times, numbers, files, passphrases."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keywright_license.errors import KeyFormatError
from keywright_license.keys import private_key_from_pem
from keywright_license.limits import MAX_FILE_BYTES
from keywright_license.trusted_keys import TrustedKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # what add_subparsers gives has no other name

ACCEPTED, REFUSED, MISUSED = 0, 1, 2

# A root key is guessed at for years by who steals its file.
LEAST_PASSPHRASE = 12


class MisuseError(Exception):
    """The command was not called rightly; the sentence says what to do."""


def complain(sentence: str) -> int:
    sys.stderr.write(f"keywright-license: {sentence}\n")
    return MISUSED


def say(what: Mapping[str, object]) -> None:
    sys.stdout.write(f"{json.dumps(what, indent=2)}\n")


def moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = f"{text!r} is no time in ISO 8601, such as 2026-11-24T06:00:00Z"
        raise argparse.ArgumentTypeError(msg) from None


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(2**63)):
        msg = f"{text!r} is no number: give a whole number from 0 on"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def add_now(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument(
        "--now",
        metavar="ISO8601",
        type=moment,
        help=f"{what}; without a zone it is UTC; default: this machine's clock",
    )


def now_of(given: argparse.Namespace) -> datetime:
    return given.now or datetime.now(UTC)


def read(path: Path, *, most: int = MAX_FILE_BYTES) -> bytes:
    """One byte more than is allowed, so that the verdict is the library's."""
    with path.open("rb") as file:
        return file.read(most + 1)


def read_keys(path: Path) -> TrustedKeys:
    """Pinned keys. MisuseError: the file holds none."""
    data = read(path)
    try:
        return TrustedKeys.from_key_file(data)
    except KeyFormatError as error:
        msg = f"{path} cannot be used: {error.message}"
        raise MisuseError(msg) from None


def add_passphrase(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--passphrase-file",
        metavar="FILE",
        type=Path,
        help="read the passphrase from the first line of this file; default: ask on the terminal",
    )


def passphrase_of(given: argparse.Namespace, *, new: bool = False) -> bytes:
    """MisuseError: none, or for a new key one that is too short or was not repeated."""
    if given.passphrase_file is not None:
        said = read(given.passphrase_file).split(b"\n", 1)[0].removesuffix(b"\r")
    elif not sys.stdin.isatty():
        raise MisuseError("There is no terminal to ask for the passphrase on. Give --passphrase-file.")
    else:
        said = _ask("Passphrase: ")
        if new and _ask("The same again: ") != said:
            raise MisuseError("The two passphrases differ. Start again.")
    if new and len(said) < LEAST_PASSPHRASE:
        msg = f"The passphrase must have at least {LEAST_PASSPHRASE} characters. Take a longer one."
        raise MisuseError(msg)
    return said


def _ask(prompt: str) -> bytes:
    try:
        return getpass.getpass(prompt).encode()
    except EOFError:
        raise MisuseError("No passphrase was given. Start again.") from None


def open_private(path: Path, given: argparse.Namespace) -> Ed25519PrivateKey:
    """MisuseError: not an Ed25519 key in an encrypted PEM file, or another passphrase."""
    data = read(path)
    try:
        key = private_key_from_pem(data, passphrase=passphrase_of(given))
    except KeyFormatError as error:
        msg = f"{path} cannot be used: {error.message}"
        raise MisuseError(msg) from None
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path} is an RSA key; an Ed25519 key is wanted. Take another file."
        raise MisuseError(msg)
    return key


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """A file that was not there. MisuseError: it was; keys are not written over."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        msg = f"{path} is there already. Move it away, or choose another name."
        raise MisuseError(msg) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
