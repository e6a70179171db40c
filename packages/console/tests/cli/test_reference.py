"""docs/console-cli.md tells the truth."""

import re

import click

from command_reference import GUIDE, rendered, tree, written
from keywright_console.cli.commands import group
from keywright_console.cli.program import Exit

WORDS = GUIDE.read_text().partition("## All commands")[0]


def test_all_commands_are_told_as_they_are():
    assert written()[1] == rendered(group), "write it anew: python packages/console/tests/command_reference.py"


def test_the_exit_codes_are_those_of_the_program():
    table = re.findall(r"^\| (\d+) \| `(\w+)` \|", WORDS, re.MULTILINE)
    assert [(int(code), name) for code, name in table] == [(code.value, code.name.lower()) for code in Exit]


def test_commands_that_the_guide_names_exist():
    known = {" ".join(path) for path, _command in tree(group)}
    named = re.findall(r"keywright-console ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", WORDS)
    assert named
    assert {name for name in named if name not in known and name.split(" ")[0] not in known} == set()


def test_every_command_takes_json():
    without = {" ".join(path) for path, command in tree(group) if not takes(command, "--json")}
    assert without == set()


def test_whoever_asks_can_be_told_not_to():
    """A flag that means “don’t ask” is called the same everywhere, and takes no value."""
    for _path, command in tree(group):
        for option in command.params:
            if isinstance(option, click.Option) and "--yes" in option.opts:
                assert (option.is_flag, option.help) == (True, "Don’t ask.")


def takes(command, flag):
    return any(isinstance(option, click.Option) and flag in option.opts for option in command.params)
