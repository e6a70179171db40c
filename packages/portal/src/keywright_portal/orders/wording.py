"""How a line of an order came about, in words."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Reckoned(Protocol):
    """A line of an order, or of a quote that is no order yet."""

    @property
    def quantity(self) -> int: ...

    @property
    def per_user(self) -> bool: ...


def calculation_in_words(line: Reckoned, *, unit: str) -> str:
    """Such as `200 users × $102.00`; a flat price says that it doesn't depend on the number of users."""
    if not line.per_user:
        return _("Flat price for the term")
    users = ngettext("%(count)s user", "%(count)s users", line.quantity) % {"count": f"{line.quantity:,}"}
    return f"{users} × {unit}"
