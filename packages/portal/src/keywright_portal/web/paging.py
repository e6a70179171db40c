"""Lists a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeVar

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

LONGEST_NUMBER: Final = 9
"""Digits: more pages than any list has, and a number that every database takes for an offset."""
Row = TypeVar("Row", bound="Model")


def page_of(rows: QuerySet[Row], *, number: str | None, size: int) -> Page[Row]:
    """Page `number` of `rows`, as the address says it. What is no number is page 1, what is too high the last."""
    return Paginator(rows, size).get_page(number)


def page_number(text: str | None) -> int:
    """The number of a page as the address says it; 1 for what is no number of a page."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > LONGEST_NUMBER:
        return 1
    return int(text) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPage:
    """A page, for the links to others, of a list that was counted and cut where it was read."""

    number: int
    size: int
    count: int

    @property
    def paginator(self) -> Self:
        """As templates look for `count`."""
        return self

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.num_pages

    @property
    def has_other_pages(self) -> bool:
        return self.num_pages > 1

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1

    @property
    def start_index(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def end_index(self) -> int:
        return min(self.number * self.size, self.count)
