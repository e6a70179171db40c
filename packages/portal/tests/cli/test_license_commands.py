"""keywright license: looking through the log, and issuing anew."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from issue_many import issue_one

from keywright_license import keys, zbase32
from keywright_portal.catalog.models import Plan
from keywright_portal.kit import clock
from keywright_portal.licensing.models import IssueLogEntry, LicenseFile, SigningKey
from offline_root import OfflineRoot

ISSUE_MANY = Path(__file__).parent / "issue_many.py"
MANY = 400
"""Four batches."""


@pytest.fixture
def issued(signing_keys, catalog, buyer, now):
    plan = Plan.objects.select_related("product").get(code="E20")
    return [issue_one(organization=buyer.organization, plan=plan, now=now) for _ in range(3)]


@pytest.fixture
def old_kid(signing_keys):
    return SigningKey.objects.get(algorithm="Ed25519").kid


@pytest.fixture
def next_key(old_kid):
    return OfflineRoot().imported(now=clock.now()).next_key(now=clock.now()).kid


# ---- audit -----------------------------------------------------------------------------------------------------------


def test_a_whole_log_says_so_and_what_to_keep(keywright, issued):
    result = keywright("license", "audit")
    last = IssueLogEntry.objects.get(sequence=6)
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "The log has 6 entries and is whole, and every license file is in it.",
            f"Its end, to be kept elsewhere and given to the next audit with --kept: 6:{last.hash}",
        ],
    )
    assert keywright("license", "audit", "--kept", f"6:{last.hash}").exit_code == 0
    assert keywright("license", "audit", "--kept", f"5:{last.hash}").exit_code == 1
    assert keywright("license", "audit", "--kept", "nonsense").exit_code == 2


def test_what_is_wrong_is_listed_and_counted(keywright, issued):
    IssueLogEntry.objects.filter(sequence=3).delete()
    result = keywright("license", "audit")
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0] == "cut: entry 4: Before it, entry 3 of the log is missing."
    assert lines[1].startswith(f"not_logged: {zbase32.encode(issued[1][0].file_id)}: Its keywright file, by the key ")
    assert lines[2] == "2 things are wrong in a log of 6 entries. See docs/keys.md, “The log”."
    told = json.loads(keywright("license", "audit", "--json").output)
    assert (told["sound"], told["entries"], [one["kind"] for one in told["findings"]]) == (
        False,
        6,
        ["cut", "not_logged"],
    )


def test_files_from_elsewhere_are_looked_up(keywright, issued, tmp_path):
    known, strange = tmp_path / "known", tmp_path / "strange"
    known.write_bytes(bytes(issued[0][0].content))
    strange.write_bytes(b"x")
    assert keywright("license", "audit", str(known)).output == "All 1 files are in the log.\n"
    result = keywright("license", "audit", str(known), str(strange))
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "1 thing is wrong in 2 files.")
    assert result.output.startswith(f"not_ours: {strange}: ")
    IssueLogEntry.objects.all().delete()
    assert keywright("license", "audit", str(known)).output.startswith(f"not_logged: {known}: License ")
    assert keywright("license", "audit", str(known), "--kept", "1:x").exit_code == 2


# ---- reissue ---------------------------------------------------------------------------------------------------------


def test_reissue_says_what_it_did_and_a_second_run_finds_nothing(keywright, issued, old_kid, next_key):
    dry = keywright("license", "reissue", "--key", old_kid, "--dry-run")
    assert dry.output == "3 licenses would be issued anew. Nothing was changed.\n"
    assert LicenseFile.objects.count() == 6
    first, second = (keywright("license", "reissue", "--key", old_kid) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "3 licenses were issued anew.\n" in first.output
    assert "The worker mails" in first.output
    assert "0 licenses were issued anew.\n" in second.output
    assert set(LicenseFile.objects.filter(superseded_at=None, position=0).values_list("kid", flat=True)) == {next_key}


def test_what_is_refused_is_named_and_ends_with_1(keywright, issued, old_kid, next_key):
    IssueLogEntry.objects.filter(file_id=issued[0][0].file_id).delete()
    result = keywright("license", "reissue", "--key", old_kid)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{zbase32.encode(issued[0][0].file_id)}: Its keywright file isn’t in the log")
    assert "2 licenses were issued anew. 1 are left." in result.output


def test_the_key_that_signs_and_an_unknown_one_are_refused(keywright, issued, old_kid):
    for key, code in ((old_kid, "key_state"), ("no-such", "unknown_key")):
        for more in ([], ["--dry-run"]):
            result = keywright("license", "reissue", "--key", key, *more)
            assert (result.exit_code, result.stderr.split(":")[0]) == (1, code)


@pytest.fixture
def many(installation):
    """An installation with many licenses, all of a key that was rotated since. The key."""
    root, folder = OfflineRoot(), installation.folder
    assert installation.run("keys", "create").returncode == 0
    command = [sys.executable, str(ISSUE_MANY), str(MANY)]
    made = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    old_kid = next(one["kid"] for one in keys_of(installation) if one["algorithm"] == "Ed25519")
    (folder / "root.pub").write_bytes(root.pem)
    assert installation.run("keys", "import", "root.pub").returncode == 0
    assert installation.run("keys", "rotate", "--out", "next.pub").returncode == 0
    jwk = public_jwk(folder / "next.pub")
    (folder / "certificate").write_text(root.certify(jwk, now=clock.now()))
    assert installation.run("keys", "certify", "certificate").returncode == 0
    return old_kid


def keys_of(installation):
    return json.loads(installation.run("keys", "list", "--json").stdout)["keys"]


def public_jwk(file):
    (public,) = keys.public_keys_from_pem(file.read_bytes())
    return keys.to_jwk(public)


def left(installation, kid):
    return int(installation.run("license", "reissue", "--key", kid, "--dry-run").stdout.split()[0])


def stopped(installation, kid, *, how, after=0.0):
    """Begin the reissue, and stop it while it runs. Its return code and what it said."""
    process = installation.start("license", "reissue", "--key", kid)
    label = process.stdout.readline()
    assert label.startswith("Issuing anew")
    time.sleep(after)
    process.send_signal(how)
    out, _err = process.communicate(timeout=60)
    return process.returncode, out


def test_stopped_anywhere_the_same_command_goes_on_and_nothing_is_issued_twice(installation, many):
    for how, remain in ((signal.SIGINT, 300), (signal.SIGTERM, 200)):
        code, out = stopped(installation, many, how=how)
        assert (code, left(installation, many)) == (1, remain)
        assert out.splitlines()[-2:] == [
            f"100 licenses were issued anew. {remain} are left.",
            "The same command goes on where this one was.",
        ]
    assert stopped(installation, many, how=signal.SIGKILL, after=0.1)[0] == -signal.SIGKILL
    assert left(installation, many) in (0, 100, 200)
    assert installation.run("license", "reissue", "--key", many).returncode == 0
    assert left(installation, many) == 0
    audit = installation.run("license", "audit", "--json")
    assert (audit.returncode, json.loads(audit.stdout)["entries"]) == (0, 2 * 2 * MANY)
