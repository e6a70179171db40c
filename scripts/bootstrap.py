"""Makes .venv from nothing: `bootstrap.py run` for the demo and production, `bootstrap.py dev` for checks and tests.

Needs Python 3.11 and pip (or ensurepip) and nothing else. What is already there is left alone: a stamp holds the
digest of every file that decides what gets installed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
REQUIREMENTS = ROOT / "requirements"
PACKAGES = [ROOT / "packages" / name for name in ("license", "look", "stripe-simulator", "console", "portal")]
# Stripe's own description of the pinned API is data to us, so it comes without the packages that it would bring.
STRIPE_DESCRIPTION = REQUIREMENTS / "stripe-description.txt"
OLDEST_PYTHON = (3, 11)


def digest(kind: str) -> str:
    """Digest of all that decides what `kind` installs, and of the interpreter."""
    files = [Path(__file__), REQUIREMENTS / "bootstrap.txt", REQUIREMENTS / f"{kind}.txt", STRIPE_DESCRIPTION]
    files += [package / "pyproject.toml" for package in PACKAGES]
    together = hashlib.sha256(sys.version.encode() + str(ROOT).encode())
    for file in files:
        together.update(file.read_bytes())
    return together.hexdigest()


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def run(*command: str | Path) -> None:
    finished = subprocess.run([str(part) for part in command], check=False)
    if finished.returncode:
        sys.exit(f"bootstrap: this command failed: {' '.join(str(part) for part in command)}")


def make_venv() -> None:
    """A virtual environment with uv in it. Its own pip is left out: making that takes longer than all the rest."""
    if not (BIN / "python").exists():
        say("making .venv")
        venv.create(VENV, with_pip=False, symlinks=True)
    if not (BIN / "uv").exists():
        say("installing uv, the package installer")
        has_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
        if has_pip.returncode:
            run(BIN / "python", "-m", "ensurepip", "--default-pip")
            pip: list[str | Path] = [BIN / "python", "-m", "pip"]
        else:
            pip = [sys.executable, "-m", "pip", "--python", BIN / "python"]
        run(
            *pip,
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            REQUIREMENTS / "bootstrap.txt",
        )


def install(kind: str) -> None:
    """Dependencies by hash, then our packages, editable: hash mode refuses those, so they are a step of their own."""
    # The machine's own certificates, as git and pip use them: a company's proxy has one of its own.
    uv: tuple[str | Path, ...] = (BIN / "uv", "pip", "install", "--quiet", "--system-certs", "--python", BIN / "python")
    say(f"installing the locked dependencies ({kind})")
    run(*uv, "--compile-bytecode", "--require-hashes", "-r", REQUIREMENTS / f"{kind}.txt")
    if kind == "dev":
        run(*uv, "--no-deps", "--require-hashes", "-r", STRIPE_DESCRIPTION)
    editables: list[str | Path] = []
    for package in PACKAGES:
        editables += ["-e", package]
    run(*uv, "--no-deps", "--no-build-isolation", *editables)


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("bootstrap: Keywright needs Python 3.11 or newer. Name such an interpreter: make PYTHON=python3.11 …")
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    if kind not in ("run", "dev"):
        sys.exit("bootstrap: usage: bootstrap.py run|dev")
    # dev holds all of run, so an environment made for dev serves both.
    wanted = {name: digest(name) for name in ("run", "dev")}
    stamp = VENV / "keywright-stamp"
    have = stamp.read_text().split() if stamp.exists() else []
    if wanted[kind] in have:
        return
    os.chdir(ROOT)
    make_venv()
    install(kind)
    stamp.write_text("\n".join([wanted["run"]] + ([wanted["dev"]] if kind == "dev" else [])))


if __name__ == "__main__":
    main()
