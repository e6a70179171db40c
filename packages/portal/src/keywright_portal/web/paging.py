"""Lists a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")


def page_of(rows: QuerySet[Row], *, number: str | None, size: int) -> Page[Row]:
    """Page `number`, as the address says it, of `rows`. What is no number is the first page, what is too high the last.

    Where all of it fits onto the first page, nothing is counted.
    """
    paginator = Paginator(rows, size)
    if number in (None, "", "1"):
        found = list(rows[: size + 1])
        if len(found) <= size:
            paginator.count = len(found)
        return Page(found[:size], 1, paginator)
    return paginator.get_page(number)
