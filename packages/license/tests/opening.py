"""One way to read every kind of artifact, so that each can be put in the place of each other."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keywright_license import LicenseError, TrustedKeys, verify
from keywright_license._internal.certificate import verify_certificate
from keywright_license.activation import read_activation, read_release, read_request
from keywright_license.revocations import read_bundle
from keywright_license.usage import read_report


@dataclass
class Reader:
    """Who reads, and what is known there."""

    trusted: TrustedKeys
    deployment: Ed25519PublicKey
    product: str
    now: datetime
    newest: int | None = None
    newest_by_root: int | None = None

    def verdict(self, kind: str, data: bytes) -> str | None:
        """The code that refuses it, or None."""
        try:
            READERS[kind](self, data)
        except LicenseError as error:
            return error.code
        return None


def _bundle(reader: Reader, data: bytes) -> object:
    return read_bundle(
        data,
        keys=reader.trusted,
        product=reader.product,
        now=reader.now,
        newest=reader.newest,
        newest_by_root=reader.newest_by_root,
    )


def _certificate(reader: Reader, data: bytes) -> object:
    """By the very function that reads the second line of every file; of a file, its first line is tried."""
    return verify_certificate(data.splitlines()[0], roots=reader.trusted._roots_by_kid)


READERS: Mapping[str, Callable[[Reader, bytes], object]] = {
    "license": lambda reader, data: verify(data, keys=reader.trusted, product=reader.product, now=reader.now),
    "certificate": _certificate,
    "revocations": _bundle,
    "activation-request": lambda reader, data: read_request(data, now=reader.now),
    "activation": lambda reader, data: read_activation(
        data, keys=reader.trusted, product=reader.product, now=reader.now
    ),
    "release": lambda reader, data: read_release(data, key=reader.deployment),
    "usage": lambda reader, data: read_report(data, key=reader.deployment),
}


def claims_of(data: bytes) -> dict:
    """What the first line says, unverified."""
    return json.loads(base64.urlsafe_b64decode(data.split(b".")[1] + b"=="))
