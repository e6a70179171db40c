"""Where errors end: the exit code of each kind, in words and as JSON."""

import json

import click
import pytest
from click.testing import CliRunner
from django.db import OperationalError

from keywright_console.cli.program import Program
from keywright_console.cli.running import Answer, ReferredError, answering_bare, confirm, yes_option
from keywright_console.kit.errors import ConsoleError, NotConfiguredError, UnavailableError

SENTENCE = "It can’t be.\nDo something else."
IN_ONE_LINE = "It can’t be. Do something else."


def program(failing):
    """A program whose one command does what `failing` does."""
    group = Program(name="program")

    @group.command(name="go")
    @yes_option
    @answering_bare
    def go(*, yes):
        if not yes:
            confirm("Go?")
        return failing()

    return group


def raising(error):
    def fail():
        raise error

    return fail


def ended(failing, *options, **given):
    return CliRunner().invoke(program(failing), ["go", *options], **given)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ConsoleError(SENTENCE), 1, "error"),
        (NotConfiguredError(SENTENCE), 2, "not_configured"),
        (UnavailableError(SENTENCE), 3, "unavailable"),
        (ReferredError(ConsoleError(SENTENCE), reference="r" * 26), 1, "error"),
        (ReferredError(NotConfiguredError(SENTENCE), reference="r" * 26), 2, "not_configured"),
        (ReferredError(UnavailableError(SENTENCE), reference="r" * 26), 3, "unavailable"),
        (click.ClickException(SENTENCE), 1, "file"),
    ],
)
def test_each_error_has_its_exit_code(error, status, code):
    reference = {"reference": error.reference} if isinstance(error, ReferredError) else {}
    said = ended(raising(error), "--yes")
    lines = [f"reference: {text}" for text in reference.values()]
    assert (said.exit_code, said.stdout, said.stderr.splitlines()) == (
        status,
        "",
        [*lines, f"{code}: {IN_ONE_LINE}"],
    )
    said = ended(raising(error), "--yes", "--json")
    assert (said.exit_code, said.stdout) == (status, "")
    assert json.loads(said.stderr) == {"code": code, "message": IN_ONE_LINE} | reference


def test_a_database_that_fails_is_unavailable():
    said = ended(raising(OperationalError("it is gone")), "--yes", "--json")
    assert (said.exit_code, json.loads(said.stderr)["code"]) == (3, "database_unavailable")


def test_ctrl_c_is_130():
    said = ended(raising(KeyboardInterrupt()), "--yes")
    assert (said.exit_code, said.stdout) == (130, "")
    assert "interrupted: Interrupted." in said.stderr


def test_a_fault_of_ours_is_no_sentence():
    said = ended(raising(ZeroDivisionError()), "--yes")
    assert isinstance(said.exception, ZeroDivisionError)


def test_what_is_streamed_is_one_value():
    def answer(items):
        return lambda: Answer(data=iter(items), lines=[])

    for items in ([], [{"ä": 1}], [1, 2, 3]):
        said = ended(answer(items), "--yes", "--json")
        assert (said.exit_code, json.loads(said.stdout)) == (0, items)


def test_only_the_form_that_is_asked_for_is_walked_through():
    def never():
        raise AssertionError("walked through")
        yield

    assert ended(lambda: Answer(data=never(), lines=["fine"]), "--yes").stdout == "fine\n"
    assert ended(lambda: Answer(data={}, lines=never()), "--yes", "--json").stdout == "{}\n"


def test_what_comes_after_the_answer_runs_after_it():
    said = ended(lambda: Answer(data=1, lines=["first"], then=lambda: click.echo("then")), "--yes")
    assert said.stdout == "first\nthen\n"


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_a_question(typed, status):
    said = ended(lambda: Answer(data=None, lines=["done"]), input=typed)
    assert said.exit_code == status
    assert said.stdout == ("done\n" if status == 0 else "")
    assert ("declined: " in said.stderr) is (status == 1)
