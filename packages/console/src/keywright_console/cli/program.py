"""The root of all commands, where every error that has a sentence ends, and where each exit code is chosen."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NoReturn

import click
from django.db import DatabaseError
from django.utils.translation import gettext as _

from keywright_console.cli.running import ReferredError
from keywright_console.kit.errors import ConsoleError, NotConfiguredError, UnavailableError


class Exit(IntEnum):
    """What a command ends with. docs/console-cli.md tells them; scripts rely on them."""

    DONE = 0
    REFUSED = 1
    MISUSED = 2
    UNAVAILABLE = 3
    INTERRUPTED = 130  # 128 + SIGINT, as every shell has it


class Program(click.Group):
    """Says errors in one way for all commands: `code: sentence` on standard error, or one JSON object there.

    Standard output has answers alone. An error without a sentence is a fault of ours: it shows its traceback.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002, ARG002 - click's signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - click's signature
        **extra: Any,
    ) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        # Looked for in what was typed: it counts, too, where click stopped before it came to that option.
        as_json = "--json" in given
        try:
            ended = super().main(
                given,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except click.UsageError as error:
            if as_json:
                say_error("misused", error.format_message(), as_json=True)
            else:
                error.show()
            sys.exit(Exit.MISUSED)
        except click.ClickException as error:
            say_error("file", error.format_message(), as_json=as_json)
            sys.exit(Exit.REFUSED)
        except click.Abort as aborted:
            if isinstance(aborted.__cause__, KeyboardInterrupt):
                say_error("interrupted", _("Interrupted. What was done until then is kept."), as_json=as_json)
                sys.exit(Exit.INTERRUPTED)
            say_error("declined", _("Nothing has been changed. With --yes the command doesn’t ask."), as_json=as_json)
            sys.exit(Exit.REFUSED)
        except ConsoleError as error:
            reference = error.reference if isinstance(error, ReferredError) else ""
            say_error(error.code, error.message, as_json=as_json, reference=reference)
            sys.exit(exit_of(error))
        except DatabaseError as error:
            sentence = _(
                "The database can’t be used: %(reason)s. Check KEYWRIGHT_CONSOLE_DATABASE_URL, then try again."
            )
            say_error("database_unavailable", sentence % {"reason": error}, as_json=as_json)
            sys.exit(Exit.UNAVAILABLE)
        # A command's own return value means nothing; an int is the code of --help, --version or `ctx.exit`.
        sys.exit(ended if isinstance(ended, int) else Exit.DONE)


def exit_of(error: ConsoleError) -> Exit:
    if isinstance(error, ReferredError):
        return exit_of(error.error)
    if isinstance(error, NotConfiguredError):
        return Exit.MISUSED
    return Exit.UNAVAILABLE if isinstance(error, UnavailableError) else Exit.REFUSED


def say_error(code: str, message: str, *, as_json: bool, reference: str = "") -> None:
    """The stable code and the sentence, on standard error."""
    sentence = " ".join(message.split())
    if as_json:
        content = {"code": code, "message": sentence} | ({"reference": reference} if reference else {})
        click.echo(json.dumps(content, ensure_ascii=False), err=True)
        return
    if reference:
        click.echo(_("reference: %(reference)s") % {"reference": reference}, err=True)
    click.echo(f"{code}: {sentence}", err=True)
