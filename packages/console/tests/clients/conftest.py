"""A console as it is served, which clients of the field find at an address of its own."""

from datetime import UTC, datetime

import pytest

from conftest import PASSWORD
from shell import Shell, serving

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def address(tmp_path_factory, key_file):
    shell = Shell(tmp_path_factory.mktemp("console"), key_file)
    create = ("user", "create", "--email", "a@example.com", "--username", "anna", "--password", PASSWORD)
    shell.done(*create, "--system-admin")
    with serving(shell) as (address, _said):
        yield address


@pytest.fixture
def license_file(vendor):
    """Makes a license of today's term, and its file."""

    def make(**claims):
        one = vendor.license(starts=TODAY, **claims)
        return one, vendor.file(one)

    return make
