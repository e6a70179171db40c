import pytest

from conftest import PASSWORD
from shell import Shell


@pytest.fixture
def shell(tmp_path, key_file):
    return Shell(tmp_path, key_file)


@pytest.fixture
def ready(shell):
    """A console with an administrator, as most tests want it."""
    shell.done(
        "user", "create", "--email", "a@example.com", "--username", "anna", "--password", PASSWORD, "--system-admin"
    )
    return shell
