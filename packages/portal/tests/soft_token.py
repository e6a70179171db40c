"""A PKCS #11 token in software, SoftHSM: one a run, since its driver reads its configuration once a process."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

PIN, OTHER_PIN = "only-for-tests", "only-for-its-owner"
DRIVERS = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
"""Where systems put it. scripts/services.py installs it and says where, in KEYWRIGHT_TEST_PKCS11_MODULE."""


@dataclass(frozen=True)
class SoftToken:
    module: str
    label: str
    folder: Path


def make_token(folder: Path) -> SoftToken:
    """A new token, for this process and those that it starts."""
    module = os.environ.get("KEYWRIGHT_TEST_PKCS11_MODULE") or next(path for path in DRIVERS if Path(path).exists())
    if "SOFTHSM2_CONF" not in os.environ:
        tokens = folder / "tokens"
        tokens.mkdir()
        file = folder / "softhsm2.conf"
        file.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(file)
    label = f"keywright-{uuid.uuid4().hex[:8]}"
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OTHER_PIN],
        check=True,
        capture_output=True,
    )
    return SoftToken(module, label, Path(os.environ["SOFTHSM2_CONF"]).parent)
