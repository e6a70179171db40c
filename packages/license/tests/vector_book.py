"""What a set of vectors is made from, and how it is written."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from forge import NOW, PRODUCT, Vendor, make_license
from keywright_license import TrustedKeys, check_applicable, present, sign_keywright, verify

FOLDER = Path(__file__).parent / "vectors" / "keywright"
ACTIVE_USERS = 5


class Vectors:
    """The files so far, and the sound one that the others are made from."""

    def __init__(self) -> None:
        self.vendor, self.stranger = Vendor(), Vendor()
        self.withdrawn, self.later = Vendor(root=self.vendor.root), Vendor(root=self.vendor.root)
        revoked = {self.withdrawn.kid: NOW - timedelta(days=1), self.later.kid: NOW + timedelta(days=1)}
        self.keys = TrustedKeys(roots=self.vendor.keys.roots, revoked=revoked)
        self.files: dict[str, tuple[bytes, str | None, str]] = {}
        self.sound = self.signed()
        self.line, self.certificate = self.sound.splitlines()
        self.header_segment, self.payload_segment, self.signature_segment = self.line.split(b".")

    def accepted(self, name: str, data: bytes, why: str) -> None:
        self.files[name] = (data, None, why)

    def refused(self, name: str, data: bytes, code: str, why: str) -> None:
        self.files[name] = (data, code, why)

    def signed(self, certificate: str | None = None, by: Vendor | None = None, **changes) -> bytes:
        by = by or self.vendor
        return sign_keywright(
            make_license(**changes), signer=by.signer, kid=by.kid, certificate=certificate or by.certificate
        )


def write(files: dict[str, tuple[bytes, str | None, str]], keys: TrustedKeys) -> None:
    """Each file, and `verdicts.json` with the verdict that it must get; a sound one with the license that it is."""
    verdicts = {}
    for name, (data, code, why) in files.items():
        (FOLDER / f"{name}.keywright-license").write_bytes(data)
        verdicts[name] = {"accepted": code is None, "code": code, "why": why}
        if code is None:
            license = verify(data, keys=keys, product=PRODUCT, now=NOW)
            check_applicable(license, active_users=ACTIVE_USERS, now=NOW)
            verdicts[name]["license"] = present(license, now=NOW)
    document = {
        "reference_time": "2026-11-24T06:00:00Z",
        "active_users": ACTIVE_USERS,
        "product": PRODUCT,
        "revoked": {kid: at.isoformat() for kid, at in keys.revoked.items()},
        "files": verdicts,
    }
    (FOLDER / "verdicts.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    (FOLDER / "root-keys.jwks.json").write_text(keys.to_jwks() + "\n")
