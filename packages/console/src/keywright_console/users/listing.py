"""Users page by page, however many there are: each page begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db.models import QuerySet

from keywright_console.users.models import User

Item = TypeVar("Item")
COUNTED_MOST = 10_000  # a count above it helps nobody to decide, and takes the database longer than the page itself
READ_AT_ONCE = 2000  # rows that a file is written from


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """One page by username. `before` and `after` are where the neighbours begin; empty where there is none."""

    users: list[User]
    before: str
    after: str


def page_of(found: QuerySet[User], *, size: int, after: str = "", before: str = "") -> UserPage:
    """The page of `found` (in order of username) that follows `after`, or that ends before `before`.

    The keys are read from the index on the list alone, the rows of one page after that: OFFSET would read and throw
    away all that stands before.
    """
    backwards = bool(before)
    if backwards:
        found = found.filter(username__lt=before).order_by("-username")
    elif after:
        found = found.filter(username__gt=after)
    keys = list(found.values_list("username", "pk")[: size + 1])
    has_more = len(keys) > size
    keys = keys[:size]
    if backwards:
        keys.reverse()
    rows = User.objects.using(found.db).in_bulk([key for _, key in keys])
    users = [rows[key] for _, key in keys if key in rows]
    if not users:
        return UserPage(users=[], before="", after="")
    has_before, has_after = (has_more, True) if backwards else (bool(after), has_more)
    return UserPage(
        users=users,
        before=users[0].username if has_before else "",
        after=users[-1].username if has_after else "",
    )


def count_up_to(found: QuerySet[User], *, most: int = COUNTED_MOST) -> int:
    """How many there are, counted no further than one above `most`."""
    return found.order_by()[: most + 1].count()


def every(found: QuerySet[User]) -> Iterator[User]:
    """All of `found`, a handful in memory at a time, each handful beginning where the last ended."""
    after = ""
    while True:
        handful = list(found.filter(username__gt=after)[:READ_AT_ONCE])
        yield from handful
        if len(handful) < READ_AT_ONCE:
            return
        after = handful[-1].username


def batches(items: Iterable[Item], *, size: int) -> Iterator[list[Item]]:
    """`items` in lists of `size`, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
