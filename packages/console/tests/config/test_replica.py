"""A read replica in the environment becomes a second database, which our own connection can't write to."""

import json
import os
import subprocess
import sys

import pytest

ASK = "import json; from keywright_console.config.settings import DATABASES as d; print(json.dumps(d.get('replica')))"


def replica(**environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_FILE") if name in os.environ}
    shown = subprocess.run(
        [sys.executable, "-c", ASK], env=kept | environment, capture_output=True, text=True, check=True
    )
    return json.loads(shown.stdout)


def test_none_without_the_setting():
    assert replica() is None


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgres://reader@replica.example/console", {"options": "-c default_transaction_read_only=on"}),
        ("sqlite:///copy.sqlite3", None),
    ],
)
def test_one_with_it(url, options):
    found = replica(KEYWRIGHT_CONSOLE_REPLICA_URL=url)
    assert found.get("OPTIONS") == options
    assert found["TEST"] == {"MIRROR": "default"}
    assert "copy.sqlite3" in found["NAME"] or found["HOST"] == "replica.example"
