"""Ids of licenses: 128 bits as 26 letters of z-base-32, in both formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
LENGTH = 26

_BYTES = 16
_BITS = 5
_PADDING = LENGTH * _BITS - _BYTES * 8  # the last letter carries two bits of nothing
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
# Bits of nothing are zero, so that an id has one spelling.
_ID = re.compile(rf"[{ALPHABET}]{{{LENGTH - 1}}}[{ALPHABET[:: 2**_PADDING]}]")


def encode(value: UUID | bytes) -> str:
    """The 26 letters of a UUID or of its 16 bytes. ValueError: not 16 bytes."""
    octets = value if isinstance(value, bytes) else value.bytes
    if len(octets) != _BYTES:
        msg = f"an id has {_BYTES} bytes, not {len(octets)}"
        raise ValueError(msg)
    number = int.from_bytes(octets, "big") << _PADDING
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range((LENGTH - 1) * _BITS, -1, -_BITS))


def decode(text: str) -> UUID:
    """The UUID that `encode` was given. ValueError: not such an id."""
    from uuid import UUID  # noqa: PLC0415  # verifying needs no UUID; this keeps the import short

    if not is_id(text):
        msg = f"not an id of {LENGTH} letters of z-base-32: {text!r}"
        raise ValueError(msg)
    number = 0
    for letter in text:
        number = number << _BITS | _VALUES[letter]
    return UUID(int=number >> _PADDING)


def is_id(text: str) -> bool:
    """Whether the text is what `encode` writes."""
    return _ID.fullmatch(text) is not None
