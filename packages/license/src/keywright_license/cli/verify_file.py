"""`keywright-license verify`: whether a license file is genuine and can be applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keywright_license.applying import check_applicable
from keywright_license.cli.given import ACCEPTED, REFUSED, add_now, count, now_of, read, read_keys, say
from keywright_license.errors import LicenseError
from keywright_license.presenting import present
from keywright_license.verifying import verify

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from keywright_license.cli.given import Commands
    from keywright_license.model import License


def add_to(commands: Commands) -> None:
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
    add_now(command, "the time to verify at")
    command.add_argument(
        "--active-users", metavar="N", type=count, default=0, help="users the seats must suffice for; default: 0"
    )
    command.add_argument("--product", metavar="PRODUCT", help="the product that the license must be for; default: any")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    data, keys = read(given.file), read_keys(given.key)
    now = now_of(given)

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


def _print(*, accepted: bool, code: str | None, message: str, license: License | None, now: datetime) -> None:
    shown = None if license is None else present(license, now=now)
    say({"accepted": accepted, "code": code, "message": message, "license": shown})
