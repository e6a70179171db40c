from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory by our attributes; what it hasn't is empty. `key` is what never changes of it."""

    key: str
    dn: str
    username: str
    email: str
