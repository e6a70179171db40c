"""How often somebody may write. Counted in the shared cache, by rows that only one request can make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.core.cache import cache

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` in each window of `seconds`."""

    name: str
    count: int
    seconds: int


PER_ACCOUNT: Final = Limit("account", 10, 3_600)
"""A person in trouble writes twice or three times an hour. Ten keep one account from filling the vendor's mailbox."""
PER_EMAIL: Final = Limit("email", 5, 3_600)
"""Each gets a copy: nobody must be able to flood somebody else's mailbox through ours."""
PER_ADDRESS: Final = Limit("address", 20, 3_600)
"""An office behind one network address shares this."""


def take_place(*, limit: Limit, subject: str, now: datetime) -> bool:
    """Take one of the window's places for `subject`; False where all are taken.

    A place is a row of the cache that `add` makes for one request alone, so that requests at the same moment take
    different ones: counting up would read and write, and lose what happened in between.
    """
    window = int(now.timestamp()) // limit.seconds
    who = hashlib.sha256(subject.encode()).hexdigest()
    places = (f"support:{limit.name}:{who}:{window}:{place}" for place in range(limit.count))
    return any(cache.add(place, 1, timeout=limit.seconds) for place in places)
