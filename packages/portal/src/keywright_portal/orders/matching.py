"""Which invoice a payer means by what they wrote into a bank transfer."""

from __future__ import annotations

import re
from typing import Final

from keywright_portal.billing.models import Invoice

_APART: Final = r"[\s./_–-]*"
"""Banks put spaces, points or nothing where there was a dash."""
_ORDER: Final = re.compile(rf"(?<![A-Z0-9])ORD{_APART}([A-Z0-9]{{4}}){_APART}([A-Z0-9]{{4}})(?![A-Z0-9])")
MOST_DIGITS: Final = 12
"""Digits of a number that are read: more than any series counts to."""


def invoice_named(*, text: str, prefix: str) -> Invoice | None:
    """The one invoice whose number, or whose order's, stands in `text`. None for none; for several a person decides.

    `prefix` is that of the vendor's invoice numbers. What a payer writes has no rules: it is looked for in any case and
    with or without dashes, and nothing is guessed from a sum or a name.
    """
    written = text.upper()
    numbered = re.compile(
        rf"(?<![A-Z0-9]){re.escape(prefix.upper())}{_APART}(\d{{4}}){_APART}(\d{{4,{MOST_DIGITS}}})(?!\d)"
    )
    numbers = {f"{prefix}-{year}-{number}" for year, number in numbered.findall(written)}
    orders = {f"ORD-{first}-{second}" for first, second in _ORDER.findall(written)}
    found = Invoice.objects.filter(number__in=numbers) | Invoice.objects.filter(order_number__in=orders)
    several = list(found.defer("pdf").order_by("pk")[:2])
    return several[0] if len(several) == 1 else None
