"""How often an address may ask. Counted in the shared cache, so that every node counts the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.utils.translation import gettext as _

from keywright_portal.api.errors import TooManyRequestsError

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` requests in each window of `seconds`, for one network address."""

    name: str
    count: int
    seconds: int


QUOTES: Final = Limit("quote", 60, 60)
"""A page that asks on every change of a number asks once a second at most; a price list is read from the catalog."""


def count_request(*, limit: Limit, request: HttpRequest, now: datetime) -> None:
    """Count a request. Raises TooManyRequestsError, which says how long to wait, above the limit.

    Counting up reads and writes, so requests at the very same moment may be counted as one: it is a brake, and what it
    guards costs a few queries. The address is hashed: the cache's table holds no address of a person.
    """
    address = get_adapter().get_client_ip(request)
    instant = int(now.timestamp())
    window = instant // limit.seconds
    who = hashlib.sha256(address.encode()).hexdigest()
    key = f"api:{limit.name}:{who}:{window}"
    counted = cache.get(key, 0)
    if counted >= limit.count:
        wait = (window + 1) * limit.seconds - instant
        sentence = _("That was asked too often. Wait %(seconds)s seconds, then ask again.") % {"seconds": wait}
        raise TooManyRequestsError(sentence, retry_after=wait)
    cache.set(key, counted + 1, timeout=limit.seconds)
