"""Numbers without gaps: taken under the lock of a year's row, in the transaction of what they number."""

from __future__ import annotations

from django.db.models import F

from keywright_portal.billing.models import CreditNoteNumberSeries, InvoiceNumberSeries


def take_number(*, series: type[InvoiceNumberSeries | CreditNoteNumberSeries], prefix: str, year: int) -> str:
    """The next number of `year`, such as INV-2026-0001. It comes back if the caller's transaction fails."""
    rows = series._default_manager.filter(year=year)  # noqa: SLF001 (Django's documented way to a class's manager)
    # The update takes the row's lock, and holds it until the caller's transaction ends.
    if not rows.update(next_number=F("next_number") + 1):
        series._default_manager.get_or_create(year=year)  # noqa: SLF001 (as above)
        rows.update(next_number=F("next_number") + 1)
    number = rows.values_list("next_number", flat=True).get() - 1
    return f"{prefix}-{year}-{number:04d}"
