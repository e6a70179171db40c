"""Everything that reads what a stranger wrote, each as a function of bytes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from artifacts import Server
from forge import NOW, PRODUCT, make_license
from keywright_license import KeyFormatError, KeySigner, LicenseError, TrustedKeys, generate_rsa, thumbprint, verify
from keywright_license import sign_mattermost as sign
from keywright_license._internal import base64url, certificate, jws, keywright_format, mattermost_format, strict_json
from keywright_license.activation import license_digest, read_activation, read_release, read_request
from keywright_license.clock import HighWater
from keywright_license.revocations import draft_bundle, read_bundle
from keywright_license.usage import kid_of_report, read_report, read_reports

SERVER = Server()
VENDOR = SERVER.vendor
RSA = generate_rsa()
KEYS = TrustedKeys(roots=VENDOR.keys.roots, mattermost=(RSA.public_key(),))
KEY = SERVER.key.public_key()

Parser = Callable[[bytes], object]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


# Those after the blank line read what a signature protects: a fuzzer makes no signatures, so it is let in behind them.
PARSERS: Mapping[str, Parser] = {
    "verify": lambda data: verify(data, keys=KEYS, product=PRODUCT, now=NOW),
    "read_bundle": lambda data: read_bundle(data, keys=KEYS, product=PRODUCT, now=NOW, newest=1),
    "read_request": lambda data: read_request(data, now=NOW),
    "read_activation": lambda data: read_activation(data, keys=KEYS, product=PRODUCT, now=NOW),
    "read_release": lambda data: read_release(data, key=KEY),
    "read_report": lambda data: read_report(data, key=KEY),
    "read_reports": lambda data: read_reports(data, key=KEY),
    "kid_of_report": kid_of_report,
    "license_digest": license_digest,
    "from_key_file": TrustedKeys.from_key_file,
    "from_jwks": TrustedKeys.from_jwks,
    "from_pem": TrustedKeys.from_pem,
    "high_water": lambda data: HighWater.parse(_text(data)),
    "split": jws.split,
    "read_header": jws.read_header,

    "base64url": base64url.decode,
    "strict_json": strict_json.loads,
    "license_claims": lambda data: keywright_format.read_claims(strict_json.loads(data)),
    "mattermost_claims": lambda data: mattermost_format.read_license(strict_json.loads(data), product=PRODUCT),
    "certificate_claims": lambda data: certificate._read(strict_json.loads(data), root_kid=VENDOR.root_kid),
    "bundle_claims": lambda data: draft_bundle(strict_json.loads(data), now=NOW),
}  # fmt: skip

# What each may raise for what it is given; nothing else may come out.
ALLOWED: Mapping[str, tuple[type[Exception], ...]] = {"high_water": (ValueError, OverflowError)}
USUAL = (LicenseError, KeyFormatError)


def seeds() -> list[bytes]:
    """Sound ones of every kind, for a fuzzer to begin with."""
    files = [
        VENDOR.file(),
        VENDOR.certificate.encode(),
        sign(make_license(), signer=KeySigner(RSA), kid=thumbprint(RSA.public_key())),
        SERVER.bundle_file(),
        SERVER.request_file(),
        SERVER.activation_file(),
        SERVER.release_file(),
        SERVER.report_file(),
        KEYS.to_jwks().encode(),
        str(HighWater(NOW)).encode(),
    ]
    segments = [part for data in files for line in data.splitlines() for part in line.split(b".")]
    return files + segments + [base64url.decode(part) for part in segments if _is_base64url(part)]


def _is_base64url(part: bytes) -> bool:
    try:
        base64url.decode(part)
    except LicenseError:
        return False
    return True


def parse(name: str, data: bytes) -> bool:
    """Whether the parser took it. Anything but its own errors comes out."""
    try:
        PARSERS[name](data)
    except ALLOWED.get(name, USUAL):
        return False
    return True
