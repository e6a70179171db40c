"""Every kind of file that must be refused, with the code that it must get."""

from __future__ import annotations

import base64

from keywright_license import Format
from vendor import DAY, NOON


def tampered(data: bytes) -> bytes:
    """One letter of the claims changed, so that the signature no longer fits."""
    header, claims, signature = data.split(b"\n")[0].split(b".")
    middle = len(claims) // 2
    other = b"A" if claims[middle : middle + 1] != b"A" else b"B"
    changed = b".".join([header, claims[:middle] + other + claims[middle + 1 :], signature])
    return data.replace(data.split(b"\n")[0], changed)


def tampered_mattermost(data: bytes) -> bytes:
    raw = base64.b64decode(data)
    return base64.b64encode(raw.replace(b'"users":250', b'"users":950').replace(b'"users": 250', b'"users": 950'))


BAD = {
    "tampered": ("bad_signature", lambda vendor, _: tampered(vendor.file())),
    "tampered, Mattermost": (
        "bad_signature",
        lambda vendor, _: tampered_mattermost(vendor.file(kind=Format.MATTERMOST)),
    ),
    "another key": ("unknown_key", lambda _, stranger: stranger.file()),
    "another product": ("wrong_product", lambda vendor, _: vendor.file(product="other-product")),
    "expired": ("expired", lambda vendor, _: vendor.file(starts=NOON - 400 * DAY)),
    "expired, in grace": ("expired", lambda vendor, _: vendor.file(starts=NOON.replace(hour=0) - 368 * DAY)),
    "1 MB": ("too_large", lambda *_: b"A" * 1_048_576),
    "64 KiB and one byte": ("too_large", lambda *_: b"A" * 65_537),
    "not base64": ("malformed", lambda *_: b"This is no license. \xff"),
    "not base64, no full stop": ("malformed", lambda *_: b"%%% this is nothing %%%"),
    "empty": ("empty", lambda *_: b""),
    "blank": ("empty", lambda *_: b" \r\n"),
    "too few seats": ("too_few_seats", lambda vendor, _: vendor.file(seats=1)),
    "the certificate alone": ("wrong_kind", lambda vendor, _: vendor.certificate.encode()),
}
