import click
from click.testing import CliRunner

from keywright_console.cli.commands import group


def commands(command, path=()):
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))


def test_every_command_says_what_it_does():
    found = dict(commands(group))
    assert {" ".join(path) for path in found} == {
        "",
        "license",
        "license upload",
        "license show",
        "license remove",
        "user",
        "user create",
        "user list",
        "user activate",
        "user deactivate",
        "user set-password",
        "serve",
        "migrate",
    }
    for path, command in found.items():
        shown = CliRunner().invoke(group, [*path, "--help"])
        assert shown.exit_code == 0
        assert command.help
        assert all(option.help for option in command.params if isinstance(option, click.Option)), path


def test_help_tells_the_exit_codes():
    assert "Exit codes: 0 done, 1 refused" in CliRunner().invoke(group, ["--help"]).output
