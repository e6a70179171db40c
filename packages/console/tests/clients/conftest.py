"""A console as it is served, which clients of the field find at an address of its own."""

import json

import pytest

from conftest import PASSWORD
from shell import TODAY, Shell, serving


@pytest.fixture(scope="module")
def shell(tmp_path_factory, key_file):
    return Shell(tmp_path_factory.mktemp("console"), key_file)


@pytest.fixture(scope="module")
def user_id(shell):
    """The administrator's."""
    create = ("user", "create", "--email", "a@example.com", "--username", "anna", "--password", PASSWORD)
    return json.loads(shell.done(*create, "--system-admin", "--json"))["id"]


@pytest.fixture(scope="module")
def address(shell, user_id):
    with serving(shell) as (address, _said):
        yield address


@pytest.fixture
def license_file(vendor):
    """Makes a license of today's term, and its file."""

    def make(**claims):
        one = vendor.license(starts=TODAY, **claims)
        return one, vendor.file(one)

    return make
