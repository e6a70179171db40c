"""docs/keys.md is true: its commands are played in its order, and its tables are those of the code."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from issue_many import issue_one

from keywright_license import TrustedKeys, verify
from keywright_license.cli import main as license_program
from keywright_license.errors import RevokedKeyError
from keywright_license.revocations import read_bundle
from keywright_portal.catalog.models import Plan
from keywright_portal.cli import main as portal_program
from keywright_portal.kit import clock
from keywright_portal.licensing import signing
from keywright_portal.licensing.auditing import Kind
from keywright_portal.licensing.models import KeyState, LicenseFile, RevocationBundle, SigningKey
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.publish_bundle import publish_bundle
from keywright_portal.licensing.services.tell_of_ending_keys import NOTICES
from offline_root import ACTOR

GUIDE = (Path(__file__).parents[4] / "docs" / "keys.md").read_text()
COMMAND = re.compile(r"^ {4,7}(keywright(?:-license)? .*)$", re.MULTILINE)


@pytest.fixture
def play(keywright, tmp_path, monkeypatch):
    """Run a command of the guide, with its KEY, in a folder where its files are. Dates are years ahead of today."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passphrase").write_text("correct horse")

    def _play(command, *, key=""):
        until = (clock.now() + timedelta(days=700)).strftime("%Y-%m-%dT00:00:00Z")
        program, *arguments = shlex.split(re.sub(r"20\d\d-11-30T00:00:00Z", until, command))
        arguments = [key if one == "KEY" else one for one in arguments]
        for name in ("next.pub", "certificate"):  # the second time, in their place
            if name in arguments and arguments[arguments.index(name) - 1] == "--out":
                (tmp_path / name).unlink(missing_ok=True)
        if program == "keywright-license":
            assert license_program([*arguments, "--passphrase-file", "passphrase"]) == 0, command
            return ""
        result = keywright(*arguments, stdin="y\n")
        assert result.exit_code == 0, (command, result.output)
        return result.output

    return _play


@pytest.fixture
def empty_portal(catalog, settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    signing.signer.cache_clear()
    yield
    signing.signer.cache_clear()


def commands(heading):
    part = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = COMMAND.findall(part)
    assert found, heading
    return found


def active(algorithm="Ed25519"):
    return SigningKey.objects.get(algorithm=algorithm, state="active")


@pytest.mark.django_db
def test_the_ceremony_the_rotation_and_the_compromise_go_as_told(empty_portal, play, buyer, capsys):
    plan = Plan.objects.select_related("product").get(code="E20")

    def issue():
        return issue_one(organization=buyer.organization, plan=plan, now=clock.now())

    for command in commands("The first ceremony"):
        waiting = SigningKey.objects.filter(state="waiting").values_list("kid", flat=True).first()
        play(command, key=waiting or "")
    first = active()
    assert first.longest_term == 400 * 86_400
    assert active("RS512").certificate == ""
    old = issue()
    pinned = TrustedKeys.from_jwks(trusted_keys_jwks())

    for command in commands("Rotation"):
        play(command)
    assert active().kid != first.kid
    assert verify(bytes(old[0].content), keys=pinned, now=clock.now()).seats == 10
    assert verify(bytes(issue()[0].content), keys=pinned, now=clock.now()).seats == 10

    for command in commands("A key is compromised"):
        play(command, key=first.kid)
    first.refresh_from_db()
    assert first.state == "revoked"
    own = publish_bundle(product=plan.product.code, actor=ACTOR, now=clock.now())
    assert own.revoked_licenses == 1
    of_root = RevocationBundle.objects.get(series="root")
    told = read_bundle(
        bytes(of_root.content),
        keys=pinned,
        product=plan.product.code,
        now=clock.now(),
        newest=None,
        newest_by_root=None,
    )
    warned = pinned.with_bundle(told)
    with pytest.raises(RevokedKeyError):
        verify(bytes(old[0].content), keys=warned, now=clock.now())
    for file in LicenseFile.objects.filter(superseded_at=None):
        assert verify(bytes(file.content), keys=warned, now=clock.now()).seats == 10
    play("keywright license audit")


def test_every_command_that_it_names_exists():
    named = set(re.findall(r"`?keywright (keys|license) ([a-z-]+)", GUIDE))
    there = {(group, name) for group in ("keys", "license") for name in portal_program.commands[group].commands}
    assert named == there


def test_its_tables_are_those_of_the_code():
    states = re.findall(r"^\| `(\w+)` \| (?:sign|its|–)", GUIDE, re.MULTILINE)
    assert set(states) == {state.value for state in KeyState}
    log = GUIDE.partition("\n## The log\n")[2].partition("\n## ")[0]
    kinds = [name for row in re.findall(r"^\| (`.*?) \|", log, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(kinds) == sorted(kind.value for kind in Kind)
    days = ", ".join(str(day) for day in NOTICES[:-2])
    assert f"({days} and {NOTICES[-2]} days before)" in GUIDE
