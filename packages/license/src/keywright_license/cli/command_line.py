"""Parses, and hands over to the command that was named."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from keywright_license.cli import bundles, roots, verify_file
from keywright_license.cli.given import MisuseError, complain
from keywright_license.errors import LicenseError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; argparse exits by itself, with MISUSED, where the command line is wrong."""
    given = _parser().parse_args(arguments)
    try:
        code: int = given.run(given)
    except MisuseError as error:
        return complain(str(error))
    except LicenseError as error:  # a key or a claim that cannot be used; what is refused for its file is a verdict
        return complain(error.message)
    except OSError as error:
        return complain(f"{error.filename} cannot be used: {error.strerror}. Check the path and its permissions.")
    except KeyboardInterrupt:
        return complain("stopped; nothing was written.")
    else:
        return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keywright-license",
        description="Verifies license files; makes root keys, certifies issuing keys and signs revocation bundles.",
        epilog="Every command prints one JSON object, exits 0 when done or accepted, 1 when refused, 2 when it was not "
        "called rightly, and uses no network.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (verify_file, roots, bundles):
        module.add_to(commands)
    return parser
