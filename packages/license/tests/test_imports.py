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
        "keywright_license.activation",
        "keywright_license.revocations",
        "keywright_license.usage",
        "keywright_license.clock",
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


TIMED = """
import time
began = time.process_time_ns()
{imports}
print(time.process_time_ns() - began)
"""
# What no verifier of signed JSON with typed values can do without.
UNAVOIDABLE = """
import dataclasses, datetime, enum, hashlib, json, re
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
"""
TIMES = 5


def processor_time(imports):
    """The least of several, in ns: what a busy machine adds is not the library's."""
    command = [sys.executable, "-c", TIMED.format(imports=imports)]
    return min(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(TIMES))


def test_importing_costs_little_more_than_what_it_needs():
    """50 ms of processor time on a busy machine, where the floor had 34: the bound of 60 ms as a ratio."""
    assert processor_time("import keywright_license") < 2 * processor_time(UNAVOIDABLE)
