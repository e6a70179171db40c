"""`keywright-license verify`: the one place of this package that reads files and the clock."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from keywright_license.applying import check_applicable
from keywright_license.errors import KeyFormatError, LicenseError
from keywright_license.limits import MAX_FILE_BYTES
from keywright_license.presenting import present
from keywright_license.trusted_keys import TrustedKeys
from keywright_license.verifying import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright_license.model import License

ACCEPTED, REFUSED, MISUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; argparse exits by itself, with MISUSED, where the command line is wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        data, key_file = _read(given.file), _read(given.key)
        keys = TrustedKeys.from_key_file(key_file)
    except OSError as error:
        return _misused(f"{error.filename} cannot be read: {error.strerror}. Check the path and its permissions.")
    except KeyFormatError as error:
        return _misused(f"{given.key} cannot be used: {error.message}")
    now = given.now or datetime.now(UTC)

    license: License | None = None
    try:
        license = verify(data, keys=keys, product=given.product, now=now)
        check_applicable(license, active_users=given.active_users, now=now)
    except LicenseError as error:
        _print(accepted=False, code=error.code, message=error.message, license=license, now=now)
        return REFUSED
    message = f"The license can be applied: {license.seats} seats, until {license.expires_at:%Y-%m-%d %H:%M} UTC."
    _print(accepted=True, code=None, message=message, license=license, now=now)
    return ACCEPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="keywright-license", description="Verifies license files.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "verify",
        help="say whether a license file is genuine and can be applied",
        description="Prints one JSON object: accepted, code, message, license. "
        "Exits 0 if the file is accepted, 1 if it is refused, 2 if it was not called rightly.",
    )
    command.add_argument("file", metavar="FILE", type=Path, help="a license file of either format")
    command.add_argument(
        "--key",
        metavar="KEYFILE",
        type=Path,
        required=True,
        help="a PEM public key (Ed25519 root, or RSA), or a JWK set",
    )
    command.add_argument(
        "--now",
        metavar="ISO8601",
        type=_moment,
        help="the time to verify at; without a zone it is UTC; default: this machine's clock",
    )
    command.add_argument(
        "--active-users", metavar="N", type=_count, default=0, help="users the seats must suffice for; default: 0"
    )
    command.add_argument("--product", metavar="PRODUCT", help="the product that the license must be for; default: any")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = f"{text!r} is no time in ISO 8601, such as 2026-11-24T06:00:00Z"
        raise argparse.ArgumentTypeError(msg) from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(2**63)):
        msg = f"{text!r} is no number of users: give a whole number from 0 on"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _read(path: Path) -> bytes:
    """One byte more than is allowed, so that the verdict is the library's."""
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def _print(*, accepted: bool, code: str | None, message: str, license: License | None, now: datetime) -> None:
    shown = None if license is None else present(license, now=now)
    print(json.dumps({"accepted": accepted, "code": code, "message": message, "license": shown}, indent=2))


def _misused(sentence: str) -> int:
    print(f"keywright-license: {sentence}", file=sys.stderr)
    return MISUSED
