"""Lists a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")


def page_of(rows: QuerySet[Row], *, number: str | None, size: int) -> Page[Row]:
    """Page `number` of `rows`, as the address says it. What is no number is page 1, what is too high the last."""
    return Paginator(rows, size).get_page(number)
