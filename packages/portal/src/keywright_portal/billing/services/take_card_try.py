"""Counting how often cards are tried, so that nobody finds out here which of many stolen numbers still work."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_portal.billing.errors import TooManyCardTriesError
from keywright_portal.billing.models import CardTry
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.prepared import PreparedUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` tries in each `window`."""

    name: str
    count: int
    window: timedelta


HOUR: Final = timedelta(hours=1)
PER_ORDER: Final = Limit("order", 12, HOUR)
"""A person with trouble tries two or three cards, each a few times."""
PER_ACCOUNT: Final = Limit("account", 24, HOUR)
"""Who discards an order and begins another one has not become another person."""
PER_ADDRESS: Final = Limit("address", 60, HOUR)
"""An office behind one network address shares this."""
DECLINES_PER_ORDER: Final = Limit("declines", 20, HOUR)
"""More than Complete can lead to: whoever goes beyond has the payment confirmed elsewhere than on our page."""
ONE_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that its holder can't choose."""


def take_card_try(*, actor: Actor, address: str, order_id: uuid.UUID | None, now: datetime) -> None:
    """Count one try under each limit, or none and raise TooManyCardTriesError, which says when to go on.

    `order_id` is None where a card is saved without a payment; `address` is the network address that the request came
    from, of which a digest is kept, for as long as its window. Counted in the database, where every node sees it: a row
    is added to only while it is below its limit, in one statement.
    """
    subjects: list[tuple[Limit, str]] = [(PER_ACCOUNT, str(actor.user_id)), (PER_ADDRESS, _network(address))]
    if order_id is not None:
        subjects.append((PER_ORDER, str(order_id)))
    _take(subjects, now=now)


def count_decline(*, order_id: uuid.UUID, now: datetime) -> bool:
    """Count a card that the provider told us was declined for an order; False where that is one too many."""
    with transaction.atomic():
        return _count(DECLINES_PER_ORDER, str(order_id), now=now)


@transaction.atomic
def _take(subjects: Sequence[tuple[Limit, str]], *, now: datetime) -> None:
    # Always in the same order of limits, so that two requests never wait for each other.
    for limit, subject in subjects:
        if not _count(limit, subject, now=now):
            raise _refusal(_window_end(limit, now=now), now=now)


def _count(limit: Limit, subject: str, *, now: datetime) -> bool:
    """Count one try; False where there were as many as the limit lets."""
    row = CardTry(limit=limit.name, subject=_digest(limit, subject), window_ends_at=_window_end(limit, now=now))
    if add_one(row, most=limit.count):
        return True
    CardTry.objects.bulk_create([row], ignore_conflicts=True)  # the first of its window; or it is there, and is full
    return add_one(row, most=limit.count)


def add_one(row: CardTry, *, most: int) -> bool:
    """Count one more where there is such a row that hasn't `most` already; whether it did.

    One statement, so that two at once can't both be the last.
    """
    return _ADD_ONE(row.limit, row.subject, row.window_ends_at, most) > 0


def _below(
    limit: str, subject: str, window_ends_at: datetime, most: int
) -> tuple[QuerySet[CardTry], dict[str, object]]:
    same = CardTry.objects.filter(limit=limit, subject=subject, window_ends_at=window_ends_at)
    return same.filter(count__lt=most), {"count": F("count") + 1}


_ADD_ONE: Final = PreparedUpdate(_below, str, str, datetime, int)


def forget_past_tries(*, now: datetime) -> int:
    """Drop what counts no more; how many rows."""
    return CardTry.objects.filter(window_ends_at__lte=now).delete()[0]


def _window_end(limit: Limit, *, now: datetime) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + ((now - epoch) // limit.window + 1) * limit.window


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address  # a proxy's name for something else; it is counted as it is
    if isinstance(known, IPv6Address):
        return str(ip_network((known, ONE_HOUSEHOLD), strict=False))
    return str(known)


def _digest(limit: Limit, subject: str) -> str:
    return salted_hmac(f"card-try:{limit.name}", subject, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def _refusal(ends_at: datetime, *, now: datetime) -> TooManyCardTriesError:
    seconds = -((now - ends_at) // timedelta(seconds=1))
    minutes = -(-seconds // 60)
    wait = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    sentence = _(
        "Too many cards were tried within an hour. Nothing was charged for this try. Go on in %(wait)s; what you filled"
        " in stays as it is."
    ) % {"wait": wait}
    return TooManyCardTriesError(sentence, retry_after=seconds)
