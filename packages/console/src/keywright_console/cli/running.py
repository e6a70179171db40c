"""What every command does first and last: see to the database, turn errors into a sentence."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click
from django.db import DatabaseError
from django.utils.translation import gettext as _

from keywright_console.cli.database import prepare
from keywright_console.kit.errors import ConsoleError, NotConfiguredError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

REFUSED = 1
MISUSED = 2


def say_error(code: str, message: str) -> None:
    """One line on standard error: the stable code, then the sentence."""
    click.echo(f"{code}: {' '.join(message.split())}", err=True)


def speaking(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Errors that we foresee become a sentence and an exit code."""

    @functools.wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except NotConfiguredError as error:
            say_error(error.code, error.message)
            sys.exit(MISUSED)
        except ConsoleError as error:
            say_error(error.code, error.message)
            sys.exit(REFUSED)
        except DatabaseError as error:
            sentence = _(
                "The database can’t be used: %(reason)s. Check KEYWRIGHT_CONSOLE_DATABASE_URL, then try again."
            )
            say_error("database_unavailable", sentence % {"reason": error})
            sys.exit(REFUSED)

    return run


def command(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """`speaking`, on a database that is ready."""

    @functools.wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        prepare()
        return function(*args, **kwargs)

    return speaking(run)
