"""Identifiers: UUIDv7 keys for rows, and short references that a person can read out on the telephone."""

from __future__ import annotations

import secrets
import uuid
from typing import Final

from uuid_utils.compat import uuid7 as _uuid7

# Without 0 O 1 I L U: what is read aloud, or typed from paper, isn't mistaken.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP: Final = 4


def uuid7() -> uuid.UUID:
    """A new row key. Its leading bits are the time, so that an index grows at its end."""
    return _uuid7()


def reference(prefix: str) -> str:
    """`PREFIX-XXXX-XXXX`, one of 30^8, some 6.5 × 10^11. That it is unique is the column's constraint to say."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _GROUP))
    return f"{prefix}-{letters[:_GROUP]}-{letters[_GROUP:]}"
