"""The schemas say of the claims what the code does, as far as a schema can."""

import base64
import json
from pathlib import Path

import jsonschema
import pytest

from keywright_license import kinds

SCHEMAS = Path(__file__).parent.parent / "schema"
VECTORS = Path(__file__).parent / "vectors"
VERDICTS = json.loads((VECTORS / "keywright" / "verdicts.json").read_text())["files"]

# Refused for what no schema sees: a relation between claims, or bytes that parsers read as something sound.
BEYOND_SCHEMAS = {
    "claims-key-twice",
    "claims-nested-key-twice",
    "claims-nan",
    "claims-infinity",
    "claims-huge-float",
    "claims-huge-integer",
    "claims-deep",
    "claims-very-deep",
    "claims-half-character",
    "claims-byte-order-mark",
    "claims-trailing",
    "claims-not-utf8",
    "claims-exp-1e9",
    "exp-float",
    "exp-before-nbf",
}


def validator(name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def segment(name, line, which):
    data = (VECTORS / "keywright" / f"{name}.keywright-license").read_bytes()
    text = data.split()[line].split(b".")[which]
    return json.loads(base64.urlsafe_b64decode(text + b"=="))


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_every_schema_is_one_and_has_a_name_of_its_own(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:keywright:{path.name.removesuffix('.schema.json')}:1"


@pytest.mark.parametrize("name", [name for name, verdict in VERDICTS.items() if verdict["accepted"]])
def test_sound_files_pass(name):
    validator("license").validate(segment(name, 0, 1))
    validator("certificate").validate(segment(name, 1, 1))
    validator("header").validate(segment(name, 0, 0))
    validator("header").validate(segment(name, 1, 0))


OF_CLAIMS = (
    "claims",
    "exp",
    "iat",
    "iss",
    "aud",
    "sub",
    "jti",
    "seats",
    "features",
    "plan",
    "deployments",
    "org",
    "trial",
)
WRONG_CLAIMS = [
    name
    for name, verdict in VERDICTS.items()
    if verdict["code"] == "malformed" and name.split("-")[0] in (*OF_CLAIMS, "supersedes")
]


@pytest.mark.parametrize("name", [name for name in WRONG_CLAIMS if name not in BEYOND_SCHEMAS])
def test_wrong_claims_fail_the_schema(name):
    assert not validator("license").is_valid(segment(name, 0, 1))


def test_what_is_beyond_schemas_is_among_the_vectors():
    assert set(WRONG_CLAIMS) > BEYOND_SCHEMAS


@pytest.mark.parametrize(
    "name", ["certificate-no-key", "certificate-private-key", "certificate-exp-missing", "certificate-term"]
)
def test_wrong_certificates_fail_their_schema(name):
    assert not validator("certificate").is_valid(segment(name, 1, 1))


@pytest.mark.parametrize(
    "name", ["crit-empty", "header-member", "header-no-kid", "alg-none", "header-kid-no-thumbprint"]
)
def test_wrong_headers_fail_their_schema(name):
    assert not validator("header").is_valid(segment(name, 0, 0))


def test_the_kinds_of_the_header_are_those_of_the_code():
    said = set(validator("header").schema["properties"]["typ"]["enum"])
    assert said == {value for value in vars(kinds).values() if isinstance(value, str) and value.endswith("+jwt")}


@pytest.mark.parametrize("name", ["plain", "e10", "extra-users", "trial", "utf8"])
def test_mattermost_files_pass_their_schema(name):
    data = (VECTORS / "mattermost" / f"{name}.mattermost-license").read_bytes()
    validator("mattermost").validate(json.loads(base64.b64decode(data)[:-256]))
