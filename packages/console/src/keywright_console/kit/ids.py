"""Ids: UUIDv7 (RFC 9562) in the database, the same 128 bits as 26 letters of z-base-32 wherever a person sees them."""

from __future__ import annotations

import os
import time
import uuid

from keywright_license import zbase32

RANDOM_BYTES = 10  # 74 of these bits stay random; six go to version and variant


def new_id() -> uuid.UUID:
    """A UUIDv7: rows made one after another lie beside each other in the index.

    It takes the machine's own clock, which nobody moves: an id says nothing about business time.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(RANDOM_BYTES), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def letters(value: uuid.UUID) -> str:
    """The 26 letters of an id."""
    return zbase32.encode(value)


def from_letters(text: str) -> uuid.UUID:
    """The id that 26 letters stand for. ValueError where they are none."""
    return zbase32.decode(text)


class IdConverter:
    """An id in a URL. What isn't one matches no page, so it is a 404 like any unknown id."""

    regex = "[ybndrfg8ejkmcpqxot1uwisza345h769]{26}"

    def to_python(self, value: str) -> uuid.UUID:
        return from_letters(value)

    def to_url(self, value: uuid.UUID) -> str:
        return letters(value)
