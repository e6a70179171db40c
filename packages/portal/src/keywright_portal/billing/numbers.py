"""Numbers without gaps: taken under the lock of a year's row, in the transaction of what they number."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

from django.db.models import F

from keywright_portal.billing.models import CreditNoteNumberSeries, InvoiceNumberSeries
from keywright_portal.kit.prepared import PreparedQuery, PreparedUpdate

Series: TypeAlias = type[InvoiceNumberSeries | CreditNoteNumberSeries]


def take_number(*, series: Series, prefix: str, year: int) -> str:
    """The next number of `year`, such as INV-2026-0001. It comes back if the caller's transaction fails."""
    # The update takes the row's lock, and holds it until the caller's transaction ends.
    if not _step(series)(year):
        series._default_manager.get_or_create(year=year)  # noqa: SLF001 (Django's documented way to a class's manager)
        _step(series)(year)
    [(after,)] = _next(series)(year)
    return f"{prefix}-{year}-{after - 1:04d}"


@cache
def _step(series: Series) -> PreparedUpdate:
    return PreparedUpdate(
        lambda year: (series._default_manager.filter(year=year), {"next_number": F("next_number") + 1}),  # noqa: SLF001 (as above)
        int,
    )


@cache
def _next(series: Series) -> PreparedQuery:
    return PreparedQuery(lambda year: series._default_manager.filter(year=year).values_list("next_number"), int)  # noqa: SLF001 (as above)
