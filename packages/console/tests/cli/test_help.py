import click
from click.testing import CliRunner

from keywright_console.cli.commands import group


def commands(command, path=()):
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))


FOUND = dict(commands(group))


def test_there_are_commands_for_what_an_administrator_does():
    assert {"license upload", "license show", "license remove", "user create", "user list", "serve", "migrate"} <= {
        " ".join(path) for path in FOUND
    }


def test_every_command_says_what_it_does():
    for path, command in FOUND.items():
        shown = CliRunner().invoke(group, [*path, "--help"])
        assert shown.exit_code == 0
        assert command.help, path
        assert command.get_short_help_str(limit=200).endswith("."), path


def test_every_option_says_what_it_does():
    for path, command in FOUND.items():
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert [option.name for option in options if not (option.help or "").endswith((".", "]"))] == [], path


def test_help_tells_the_exit_codes():
    assert "Exit codes: 0 done, 1 refused" in CliRunner().invoke(group, ["--help"]).output
