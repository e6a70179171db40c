"""What every command does first and last: see to the database, print its answer for people or for programs."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from django.utils.translation import gettext as _

from keywright_console.cli.database import prepare
from keywright_console.kit.errors import ConsoleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command found or did, in both forms. Only the form that is asked for is ever walked through.

    `data` is for programs: one JSON value, ids as their 26 letters, times as ISO 8601 in UTC. An iterator becomes a
    JSON array that is written while it is read, so a million rows need no room. `lines` are for people. `then` runs
    once it is printed: a server tells where it answers before it does.
    """

    data: Any
    lines: Iterable[str]
    then: Callable[[], None] | None = None


class ReferredError(ConsoleError):
    """Another error, with the reference under which the audit log has it."""

    def __init__(self, error: ConsoleError, *, reference: str) -> None:
        super().__init__(error.message)
        self.code = error.code
        self.error = error
        self.reference = reference


def answering(function: Callable[..., Answer]) -> Callable[..., None]:
    """A command on a database that is ready. It gets `--json`, and returns its `Answer` instead of printing.

    Errors are raised: `Program` turns them into a sentence or into JSON, and into an exit code.
    """

    @functools.wraps(function)
    def on_database(**given: Any) -> Answer:
        prepare()
        return function(**given)

    return answering_bare(on_database)


def answering_bare(function: Callable[..., Answer]) -> Callable[..., None]:
    """`answering` for a command that needs no database, or sees to it itself."""

    @click.option("--json", "as_json", is_flag=True, help="Print the answer, or the error, as JSON.")
    @functools.wraps(function)
    def run(*, as_json: bool, **given: Any) -> None:
        answer = function(**given)
        say(answer, as_json=as_json)
        if answer.then is not None:
            answer.then()

    return run


def say(answer: Answer, *, as_json: bool) -> None:
    """Print one form of the answer on standard output."""
    if not as_json:
        for line in answer.lines:
            click.echo(line)
    elif isinstance(answer.data, Iterator):
        say_array(answer.data)
    else:
        click.echo(json.dumps(answer.data, ensure_ascii=False, indent=2))


def say_array(items: Iterator[Any]) -> None:
    """A JSON array, an item a line."""
    comma = ""
    click.echo("[", nl=False)
    for item in items:
        click.echo(f"{comma}\n  {json.dumps(item, ensure_ascii=False)}", nl=False)
        comma = ","
    click.echo("\n]" if comma else "]")


def confirm(question: str) -> None:
    """Ask on the terminal, not on standard output, which has answers alone. Anything but yes ends the command.

    A program that asks for JSON can't be asked: without `--yes` it has misused the command.
    """
    if click.get_current_context().params["as_json"]:
        raise click.UsageError(_("With --json no question is asked. Give --yes as well."))
    click.confirm(question, abort=True, err=True)


yes_option = click.option("--yes", is_flag=True, help="Don’t ask.")
