"""Commands that only look answer programs with one JSON value, whatever there is to see."""

import json

import pytest
from click.testing import CliRunner

from command_reference import tree
from keywright_console.cli.commands import group
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from vendor import NOON

LOOKING = [path for path, _command in tree(group) if path[-1] in {"show", "list", "preview"}]


def asked(path):
    """The exit code and what both outputs hold, read as JSON."""
    done = CliRunner().invoke(group, [*path, "--json"])
    output, error = (json.loads(text) if text else None for text in (done.stdout, done.stderr))
    return done.exit_code, output, error


@pytest.mark.parametrize("path", LOOKING, ids=" ".join)
def test_of_a_console_in_use(path, admin, member, vendor, clock_at_noon):
    apply_license(actor=SHELL, data=vendor.file(), active_users=2, now=NOON)
    code, output, error = asked(path)
    assert (code, error) == (0, None)
    assert isinstance(output, dict | list)


@pytest.mark.parametrize("path", LOOKING, ids=" ".join)
def test_of_a_fresh_console(path, db, clock_at_noon):
    code, output, error = asked(path)
    if code:
        assert (code, output, sorted(error)) == (1, None, ["code", "message"])
    else:
        assert isinstance(output, dict | list)
