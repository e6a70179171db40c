"""What importing the library brings along, asked of a fresh interpreter."""

import subprocess
import sys

import pytest

CODE = """
import sys
import keywright_license
{more}
print("\\n".join(sorted(sys.modules)))
"""


def modules_after(more=""):
    done = subprocess.run([sys.executable, "-c", CODE.format(more=more)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def imported():
    return modules_after()


@pytest.mark.parametrize(
    "name",
    [
        "django",
        "stripe",
        "socket",
        "ssl",
        "urllib.request",
        "http.client",
        "argparse",
        "pathlib",
        "cryptography.hazmat.primitives.asymmetric.rsa",
        "cryptography.hazmat.primitives.asymmetric.padding",
        "cryptography.hazmat.primitives.serialization",
        "cryptography.x509",
        "keywright_license._internal.mattermost_format",
        "keywright_license.cli",
    ],
)
def test_importing_the_library_does_not_bring(imported, name):
    assert name not in imported


def test_rsa_comes_with_the_first_file_that_needs_it():
    more = """
from datetime import UTC, datetime
try:
    keywright_license.verify(b"AAAA", keys=keywright_license.TrustedKeys(), now=datetime.now(UTC))
except keywright_license.MalformedError:
    pass
"""
    assert "keywright_license._internal.mattermost_format" in modules_after(more)


def test_cryptography_is_the_only_package_that_it_brings(imported):
    ours = {"keywright_license", "cryptography", "_cffi_backend", "_openssl"}  # the last two are parts of cryptography
    roots = {name.partition(".")[0] for name in imported}
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print('\\n'.join(sys.modules))"], capture_output=True, text=True, check=True
    )
    at_start = {name.partition(".")[0] for name in bare.stdout.split()}
    assert roots - at_start - ours <= sys.stdlib_module_names
