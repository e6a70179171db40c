"""The golden files: what others signed (Mattermost's), and what this format accepts and refuses (ours)."""

import base64
import json
from datetime import datetime
from pathlib import Path

import pytest

from keywright_license import LicenseError, TrustedKeys, check_applicable, present, verify

VECTORS = Path(__file__).parent / "vectors"
MATTERMOST = json.loads((VECTORS / "mattermost" / "verdicts.json").read_text())
KEYWRIGHT = json.loads((VECTORS / "keywright" / "verdicts.json").read_text())

# verdicts.json says only whether servers accept; this is which of our codes the refusal has.
MATTERMOST_CODES = {
    "space": "malformed",
    "urlsafe": "malformed",
    "truncated": "malformed",
    "tampered-users": "bad_signature",
    "tampered-signature": "bad_signature",
    "other-key": "bad_signature",
    "sha256": "bad_signature",
    "pss": "bad_signature",
    "expired": "expired",
    "bad-id": "malformed",
    "over-10kB": "malformed",
    "no-users": "malformed",
    "signature-ends-in-zero": "bad_signature",
}


@pytest.fixture(scope="module")
def mattermost_keys():
    return TrustedKeys.from_pem((VECTORS / "mattermost" / "public-key.pem").read_bytes())


@pytest.fixture(scope="module")
def root_keys():
    pinned = TrustedKeys.from_jwks((VECTORS / "keywright" / "root-keys.jwks.json").read_bytes())
    revoked = {kid: datetime.fromisoformat(at) for kid, at in KEYWRIGHT["revoked"].items()}
    return TrustedKeys(roots=pinned.roots, revoked=revoked)


def verdict_of(path, verdicts, keys):
    """The code that refuses the file, or None."""
    now = datetime.fromisoformat(verdicts["reference_time"])
    try:
        license = verify(path.read_bytes(), keys=keys, product=verdicts.get("product"), now=now)
        check_applicable(license, active_users=verdicts["active_users"], now=now)
    except LicenseError as error:
        return error.code
    return None


@pytest.mark.parametrize("name", MATTERMOST["files"])
def test_a_mattermost_file_gets_the_verdict_that_servers_give_it(name, mattermost_keys):
    path = VECTORS / "mattermost" / f"{name}.mattermost-license"
    code = verdict_of(path, MATTERMOST, mattermost_keys)
    assert (code is None) == MATTERMOST["files"][name]["accepted"]
    assert code == MATTERMOST_CODES.get(name)


@pytest.mark.parametrize("name", KEYWRIGHT["files"])
def test_a_keywright_file_gets_its_verdict(name, root_keys):
    path = VECTORS / "keywright" / f"{name}.keywright-license"
    assert verdict_of(path, KEYWRIGHT, root_keys) == KEYWRIGHT["files"][name]["code"]


@pytest.mark.parametrize("name", [name for name, verdict in KEYWRIGHT["files"].items() if verdict["accepted"]])
def test_a_sound_keywright_file_is_read_as_it_says(name, root_keys):
    now = datetime.fromisoformat(KEYWRIGHT["reference_time"])
    license = verify((VECTORS / "keywright" / f"{name}.keywright-license").read_bytes(), keys=root_keys, now=now)
    assert present(license, now=now) == KEYWRIGHT["files"][name]["license"]


def test_every_file_has_a_verdict_and_every_code_a_file():
    assert {path.stem for path in (VECTORS / "mattermost").glob("*.mattermost-license")} == set(MATTERMOST["files"])
    assert {path.stem for path in (VECTORS / "keywright").glob("*.keywright-license")} == set(KEYWRIGHT["files"])
    assert {verdict["code"] for verdict in KEYWRIGHT["files"].values()} == {
        None,
        "malformed",
        "bad_signature",
        "unknown_key",
        "revoked_key",
        "wrong_kind",
        "wrong_product",
        "too_few_seats",
        "expired",
    }


@pytest.mark.parametrize("name", [name for name, verdict in MATTERMOST["files"].items() if verdict["accepted"]])
def test_an_accepted_mattermost_file_is_read_as_its_json_says(name, mattermost_keys):
    data = (VECTORS / "mattermost" / f"{name}.mattermost-license").read_bytes()
    said = json.loads(base64.b64decode(data)[:-256])
    license = verify(data, keys=mattermost_keys, now=datetime.fromisoformat(MATTERMOST["reference_time"]))
    assert license.id == said["id"]
    assert license.seats == said["features"]["users"]
    assert license.plan == said["sku_short_name"]
    assert license.plan_name == said["sku_name"]
    assert license.is_trial is said["is_trial"]
    assert license.organization.id == said["customer"]["id"]
    assert license.organization.name == said["customer"]["company"]
    assert license.organization.email == said["customer"]["email"]
    assert license.extra["customer"] == {"name": said["customer"]["name"]}
    assert license.issued_at.timestamp() * 1000 == said["issued_at"]
    assert license.starts_at.timestamp() * 1000 == said["starts_at"]
    assert license.expires_at.timestamp() * 1000 == said["expires_at"]


def test_newer_seat_fields_are_kept_and_add_no_seats(mattermost_keys):
    data = (VECTORS / "mattermost" / "extra-users.mattermost-license").read_bytes()
    license = verify(data, keys=mattermost_keys, now=datetime.fromisoformat(MATTERMOST["reference_time"]))
    assert license.seats == 50
    assert license.extra == {
        "is_seat_count_enforced": True,
        "extra_users": 5,
        "customer": {"name": "Ada Byron"},
    }
