import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forge import NOW, make_license
from keywright_license import generate_ed25519, private_key_to_pem, public_key_to_pem, sign_keywright
from keywright_license.cli import main

VECTORS = Path(__file__).parent / "vectors"
MATTERMOST = json.loads((VECTORS / "mattermost" / "verdicts.json").read_text())
ISO_NOW = "2026-11-24T06:00:00Z"


@pytest.fixture
def folder(tmp_path, vendor):
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(vendor.root.public_key()))
    (tmp_path / "root.jwks.json").write_text(vendor.keys.to_jwks())
    (tmp_path / "good.keywright-license").write_bytes(vendor.file())
    return tmp_path


@pytest.fixture
def run(capsys):
    """Exit code and printed object of `keywright-license verify …`."""

    def verify(*arguments):
        code = main(["verify", *map(str, arguments)])
        printed = capsys.readouterr()
        assert printed.err == ""
        return code, json.loads(printed.out)

    return verify


def misuse(capsys, *arguments):
    try:
        code = main(["verify", *map(str, arguments)])
    except SystemExit as exit_:
        code = exit_.code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    return code, printed.err


@pytest.mark.parametrize("name", MATTERMOST["files"])
def test_mattermost_files_get_their_verdicts(run, name):
    folder = VECTORS / "mattermost"
    code, said = run(
        folder / f"{name}.mattermost-license",
        "--key", folder / "public-key.pem",
        "--now", MATTERMOST["reference_time"],
        "--active-users", MATTERMOST["active_users"],
    )  # fmt: skip
    accepted = MATTERMOST["files"][name]["accepted"]
    assert said["accepted"] is accepted
    assert code == (0 if accepted else 1)
    assert (said["code"] is None) is accepted
    assert set(said) == {"accepted", "code", "message", "license"}


@pytest.mark.parametrize("key_file", ["root.pem", "root.jwks.json"])
def test_an_accepted_file_is_shown_whole(run, folder, key_file):
    code, said = run(folder / "good.keywright-license", "--key", folder / key_file, "--now", ISO_NOW)
    assert code == 0
    assert said == {
        "accepted": True,
        "code": None,
        "message": "The license can be applied: 50 seats, until 2027-11-24 00:00 UTC.",
        "license": {
            "id": "hd7xnk7m5f8jxemo489tm1fdio",
            "format": "keywright",
            "issuer": "Example Software",
            "product": "enterprise-edition",
            "subscription": "sub-0001",
            "issued_at": "2026-11-23T06:00:00Z",
            "starts_at": "2026-11-23T06:00:00Z",
            "expires_at": "2027-11-24T00:00:00Z",
            "state": "active",
            "plan": "E20",
            "plan_name": "Enterprise Edition E20",
            "seats": 50,
            "features": ["cluster", "compliance", "data_retention", "guest_accounts", "ldap", "mfa", "saml"],
            "deployments": {"production": 1, "non_production": 4},
            "organization": {
                "id": "org-0001",
                "name": "Northwind Works",
                "email": "licenses@northwind.example",
            },
            "is_trial": False,
            "supersedes": None,
            "extra": {},
        },
    }


def test_a_refused_file_shows_its_license_only_if_it_is_genuine(run, folder, vendor):
    file, key = folder / "good.keywright-license", folder / "root.pem"
    code, said = run(file, "--key", key, "--now", ISO_NOW, "--active-users", 51)
    assert (code, said["code"], said["license"]["seats"]) == (1, "too_few_seats", 50)
    code, said = run(file, "--key", key, "--now", "2027-11-25")
    assert (code, said["code"], said["license"]["state"]) == (1, "expired", "grace")
    code, said = run(file, "--key", key, "--product", "messaging-edition", "--now", ISO_NOW)
    assert (code, said["code"], said["license"]) == (1, "wrong_product", None)
    file.write_bytes(vendor.file(key=generate_ed25519()))
    code, said = run(file, "--key", key, "--now", ISO_NOW)
    assert (code, said["code"], said["license"]) == (1, "bad_signature", None)


@pytest.mark.parametrize("data", [b"", b"\0" * 1_000_000, b"not base64!", b"\xff\xfe"])
def test_any_file_gets_a_verdict(run, folder, data):
    (folder / "odd").write_bytes(data)
    code, said = run(folder / "odd", "--key", folder / "root.pem")
    assert (code, said["code"]) == (1, "malformed")


def test_no_more_is_read_than_the_limit_and_one_byte(run, folder, monkeypatch):
    asked = []
    real = Path.open

    class Watched:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def read(self, size=-1):
            asked.append(size)
            return self.file.read(size)

    monkeypatch.setattr(Path, "open", lambda path, mode: Watched(real(path, mode)))
    run(folder / "good.keywright-license", "--key", folder / "root.pem", "--now", ISO_NOW)
    assert asked == [65537, 65537]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-23T06:00:00Z", "active"),
        ("2026-11-23T06:59:59+01:00", "not_yet_valid"),
        ("2026-11-23T06:00:00", "active"),
        ("2026-11-23T05:59:59", "not_yet_valid"),
        ("2026-11-24", "active"),
        ("20261124T060000Z", "active"),
    ],
)
def test_the_time_may_be_given_in_any_iso_form(run, folder, now, state):
    _, said = run(folder / "good.keywright-license", "--key", folder / "root.pem", "--now", now)
    assert said["license"]["state"] == state


def test_without_a_time_it_is_the_machines(run, folder, vendor):
    now = datetime.now(UTC)
    certificate = vendor.certify(valid_until=now + timedelta(days=1))
    license = make_license(
        issued_at=min(now, NOW), starts_at=now - timedelta(hours=1), expires_at=now + timedelta(hours=1)
    )
    data = sign_keywright(license, signer=vendor.signer, kid=vendor.kid, certificate=certificate)
    (folder / "fresh").write_bytes(data)
    code, said = run(folder / "fresh", "--key", folder / "root.pem")
    assert (code, said["license"]["state"]) == (0, "active")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["good.keywright-license"],
        ["--key", "root.pem"],
        ["good.keywright-license", "--key", "root.pem", "--now", "tomorrow"],
        ["good.keywright-license", "--key", "root.pem", "--now", "2026-13-01"],
        ["good.keywright-license", "--key", "root.pem", "--now", "0001-01-01T00:00:00+14:00"],
        ["good.keywright-license", "--key", "root.pem", "--now", ""],
        ["good.keywright-license", "--key", "root.pem", "--active-users", "-1"],
        ["good.keywright-license", "--key", "root.pem", "--active-users", "1.5"],
        ["good.keywright-license", "--key", "root.pem", "--active-users", "²"],
        ["good.keywright-license", "--key", "root.pem", "--active-users", "9" * 5000],
        ["good.keywright-license", "--key", "root.pem", "--unknown"],
        ["missing", "--key", "root.pem"],
        ["good.keywright-license", "--key", "missing"],
        [".", "--key", "root.pem"],
        ["good.keywright-license", "--key", "."],
        ["good.keywright-license", "--key", "good.keywright-license"],
        ["good.keywright-license", "--key", "private.pem"],
    ],
)
def test_misuse_exits_2_with_a_sentence(capsys, folder, monkeypatch, arguments):
    monkeypatch.chdir(folder)
    Path("private.pem").write_bytes(private_key_to_pem(generate_ed25519(), passphrase=b"x"))
    code, said = misuse(capsys, *arguments)
    assert code == 2
    assert said.strip()


def test_a_private_key_in_place_of_a_public_one_is_named(capsys, folder):
    (folder / "private.pem").write_bytes(private_key_to_pem(generate_ed25519(), passphrase=b"x"))
    code, said = misuse(capsys, folder / "good.keywright-license", "--key", folder / "private.pem")
    assert code == 2
    assert "keep this one secret" in said


def test_the_command_is_installed(folder):
    command = Path(sys.executable).with_name("keywright-license")
    arguments = ["verify", folder / "good.keywright-license", "--key", folder / "root.pem", "--now", ISO_NOW]
    done = subprocess.run(
        [command, *arguments], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["accepted"] is True
    assert subprocess.run([command], capture_output=True, check=False).returncode == 2
    helped = subprocess.run([command, "verify", "--help"], capture_output=True, text=True, check=True)
    assert "--active-users N" in helped.stdout
