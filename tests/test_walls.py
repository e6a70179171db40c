"""Each wall is seen to fall on a violation planted for it, in a copy of the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"

PLANTS = [
    ("The portal's rooms: top imports down", "keywright_portal/kit/ids.py", "import keywright_portal.orders.models"),
    (
        "The portal's rooms: top imports down",
        "keywright_portal/billing/pdf.py",
        "import keywright_portal.licensing.models",
    ),
    ("The portal's rooms: top imports down", "keywright_portal/new_room/__init__.py", ""),
    ("The console's rooms: top imports down", "keywright_console/kit/ids.py", "import keywright_console.users.models"),
    ("The license library needs cryptography alone", "keywright_license/model.py", "import django"),
    ("The domain knows no framework and no provider", "keywright_portal/domain/money.py", "import django.conf"),
    ("Portal and console never meet", "keywright_console/kit/ids.py", "import keywright_portal.kit.ids"),
    ("The simulator imports none of us, and none imports it", "keywright_portal/kit/ids.py", "import stripe_simulator"),
    ("The simulator imports nothing of ours", "stripe_simulator/ids.py", "import keywright_license"),
    ("One file imports stripe", "keywright_portal/orders/tasks.py", "import stripe"),
    (
        "Issuing a license, and making keys, alone reach the signer",
        "keywright_portal/orders/tasks.py",
        "import keywright_portal.licensing.signing.encrypted_files",
    ),
    ("The look knows no business", "keywright_look/dates.py", "import keywright_license"),
]


@pytest.fixture
def copy(tmp_path):
    """The sources of every package side by side, with the contracts."""
    for source in (ROOT / "packages").glob("*/src/*"):
        if source.is_dir() and not source.name.endswith(".egg-info"):
            shutil.copytree(
                source, tmp_path / source.name, ignore=shutil.ignore_patterns("*.pyc", "static", "__pycache__")
            )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def broken(folder: Path) -> list[str]:
    """The contracts that don't hold in `folder`."""
    run = subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = run.stdout.splitlines()
    assert any(line.startswith("Contracts: ") for line in lines), run.stdout + run.stderr
    return [line.split(" BROKEN")[0] for line in lines if " BROKEN" in line]


def test_the_walls_stand(copy):
    assert broken(copy) == []


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS)
def test_a_planted_violation_breaks_its_contract(copy, contract, file, line):
    target = copy / file
    target.parent.mkdir(exist_ok=True)
    text = target.read_text() if target.exists() else ""
    target.write_text(f"{text}\n{line}\n")
    assert broken(copy) == [contract]


def test_every_contract_has_a_plant():
    names = [
        line.split(" = ")[1] for line in (ROOT / ".importlinter").read_text().splitlines() if line.startswith("name = ")
    ]
    assert sorted(names) == sorted({contract for contract, _, _ in PLANTS})
