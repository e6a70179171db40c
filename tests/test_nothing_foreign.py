"""What must not be in the repository: registries' addresses, a machine's paths, private keys, overgrown files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
"""Lines: a file that grows past that wants a second room."""
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]
VENDORED = ("tabler", "LICENSES.txt")
FORBIDDEN = {
    "a registry's host": re.compile(r"(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com|net)"),
    "a path of a machine": re.compile(r"(?<![\w.:/*])/(?:home|root|work|Users)/\w"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{16}"),
}


def text_of(file: Path) -> str:
    try:
        return file.read_text()
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("what", sorted(FORBIDDEN))
def test_no_file_holds(what):
    holding = [
        str(file.relative_to(ROOT))
        for file in TRACKED
        if file.name != Path(__file__).name and not any(part in file.name for part in VENDORED)
        if FORBIDDEN[what].search(text_of(file))
    ]
    assert holding == []


def test_locks_name_no_address():
    python = [*ROOT.glob("requirements/*.txt")]
    node = [file for file in TRACKED if file.name == "package-lock.json"]
    assert [lock.name for lock in python if "://" in lock.read_text()] == []
    assert [lock.name for lock in node if '"resolved"' in lock.read_text()] == []


def test_every_dependency_is_locked_with_its_hash():
    for lock in ROOT.glob("requirements/*.txt"):
        entries = re.split(r"\n(?=[a-z])", lock.read_text())
        assert [entry.split("\n")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_no_python_file_is_too_long():
    long = {
        str(file.relative_to(ROOT)): lines
        for file in TRACKED
        if file.suffix == ".py" and "migrations" not in file.parts
        if (lines := len(text_of(file).splitlines())) > LONGEST
    }
    assert long == {}


def test_the_development_lock_holds_all_of_the_other():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    assert pins("run.txt") <= pins("dev.txt")
