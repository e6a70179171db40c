"""Every kind of artifact: what its reader takes, and that no other reader takes it."""

import json
from datetime import datetime
from itertools import permutations
from pathlib import Path

import jsonschema
import pytest

from artifacts import Server
from forge import NOW, PRODUCT
from keywright_license import TrustedKeys, from_jwk
from opening import READERS, Reader, claims_of

FOLDER = Path(__file__).parent / "vectors" / "artifacts"
SCHEMAS = Path(__file__).parent.parent / "schema"
VERDICTS = json.loads((FOLDER / "verdicts.json").read_text())
FILES = VERDICTS["files"]

# Refused for what no schema sees: a relation between claims.
BEYOND_SCHEMAS = {
    "usage.seq-previous-1",
    "usage.seq-2",
    "usage.peak_active_users-40",
    "revocations.licenses-twice",
    "revocations.licenses-ahead",
    "activation-request.other-key",
    "activation-request.small-order",
}


def validator(kind):
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{kind}.schema.json").read_text()))


@pytest.fixture(scope="module")
def reader():
    return Reader(
        trusted=TrustedKeys.from_jwks(json.dumps({"keys": VERDICTS["roots"]})),
        deployment=from_jwk(VERDICTS["deployment_key"]),
        product=VERDICTS["product"],
        now=datetime.fromisoformat(VERDICTS["reference_time"]),
        newest=VERDICTS["newest"],
        newest_by_root=VERDICTS["newest_by_root"],
    )


@pytest.mark.parametrize("name", FILES)
def test_an_artifact_gets_its_verdict(name, reader):
    said = FILES[name]
    assert reader.verdict(said["as"], (FOLDER / f"{name}.jws").read_bytes()) == said["code"]
    assert said["accepted"] is (said["code"] is None)


@pytest.mark.parametrize("name", [name for name, said in FILES.items() if said["accepted"]])
def test_what_is_accepted_says_what_its_schema_allows(name):
    said = claims_of((FOLDER / f"{name}.jws").read_bytes())
    assert said == FILES[name]["claims"]
    validator(FILES[name]["as"]).validate(said)


def claims_alone(name):
    """Whether the file is refused for nothing but its claims."""
    said = FILES[name]
    what = name.partition(".")[2]
    return said["code"] == "malformed" and what not in {
        "empty",
        "truncated",
        "one-line-more",
        "padded",
        "no-certificate",
        "iat-float",  # 1.0 is an integer to a schema
    }


@pytest.mark.parametrize("name", [name for name in FILES if claims_alone(name) and name not in BEYOND_SCHEMAS])
def test_wrong_claims_fail_their_schema(name):
    assert not validator(FILES[name]["as"]).is_valid(claims_of((FOLDER / f"{name}.jws").read_bytes()))


def test_every_file_has_a_verdict_and_what_is_beyond_schemas_is_among_them():
    assert {path.name.removesuffix(".jws") for path in FOLDER.glob("*.jws")} == set(FILES)
    assert {name for name in FILES if claims_alone(name)} >= BEYOND_SCHEMAS
    assert {said["code"] for said in FILES.values()} == {
        None,
        "malformed",
        "bad_signature",
        "unknown_key",
        "wrong_kind",
        "wrong_product",
        "stale_bundle",
        "stale_request",
    }


@pytest.fixture(scope="module")
def sound():
    """One of each kind by one vendor and one deployment, and who reads them."""
    server = Server()
    vendor = server.vendor
    files = {
        "license": vendor.file(),
        "certificate": vendor.certificate.encode(),
        "revocations": server.bundle_file(),
        "activation-request": server.request_file(),
        "activation": server.activation_file(),
        "release": server.release_file(),
        "usage": server.report_file(),
    }
    return files, Reader(trusted=vendor.keys, deployment=server.key.public_key(), product=PRODUCT, now=NOW)


@pytest.mark.parametrize("kind", READERS)
def test_each_artifact_is_accepted_in_its_own_place(kind, sound):
    files, reader = sound
    assert reader.verdict(kind, files[kind]) is None


@pytest.mark.parametrize(("place", "kind"), list(permutations(READERS, 2)))
def test_no_artifact_is_accepted_in_anothers_place(place, kind, sound):
    files, reader = sound
    assert reader.verdict(place, files[kind]) == "wrong_kind"
    lines = files[kind].splitlines()
    certificate = files["certificate"]
    assert reader.verdict(place, lines[0]) is not None
    assert reader.verdict(place, lines[0] + b"\n" + certificate + b"\n") is not None


def test_claims_alone_tell_no_two_places_apart(sound):
    """With one `typ` for all, these claims would pass as both: unknown ones decide nothing."""
    files, _reader = sound
    said = claims_of(files["release"]) | claims_of(files["usage"])
    validator("release").validate(said)
    validator("usage").validate(said)
