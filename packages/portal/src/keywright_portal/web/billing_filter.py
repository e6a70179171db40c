"""The filter of Billing history, as an address says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from keywright_portal.billing.history import Shown, Wanted

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST_TEXT: Final = 60
"""Characters of what is looked for: as long as the longest purchase order number."""
_YEAR: Final = re.compile("20[0-9]{2}")


def wanted_by(asked: QueryDict) -> Wanted:
    """What can't be meant is left out, so that an old or a mistyped address still shows something."""
    shown, year = asked.get("shown", ""), asked.get("year", "")
    return Wanted(
        shown=Shown(shown) if shown in list(Shown) else Shown.ALL,
        year=int(year) if _YEAR.fullmatch(year) else None,
        text=asked.get("q", "").replace("\0", "").strip()[:LONGEST_TEXT],
    )


def as_query(wanted: Wanted) -> str:
    """For links that keep the filter: `?shown=due&year=2026`, or nothing."""
    parts = {
        "shown": "" if wanted.shown is Shown.ALL else wanted.shown.value,
        "year": str(wanted.year or ""),
        "q": wanted.text,
    }
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"?{query}" if query else ""
