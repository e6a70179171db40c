"""How an order's lines came about and which tax they bear, in words."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_portal.domain.tax import TaxKind


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


def percent_in_words(basis_points: int) -> str:
    """`1900` as `19 %`, `2550` as `25.5 %`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"


def tax_in_words(*, kind: str, name: str, basis_points: int) -> str:
    """What a sum's line of tax is called: `VAT 19 %`, or how it comes that there is none."""
    if kind == TaxKind.TAXED:
        return f"{name} {percent_in_words(basis_points)}"
    if kind == TaxKind.REVERSE_CHARGE:
        return _("%(tax)s, reverse charge") % {"tax": name or _("VAT")}
    return _("Tax")


def tax_note(kind: str) -> str:
    """The sentence that the law wants on an invoice of this kind; "" where it wants none.

    Of reverse charge: Article 226 (11a) of Council Directive 2006/112/EC asks for the words themselves.
    """
    if kind == TaxKind.REVERSE_CHARGE:
        return _("Reverse charge: the recipient owes the VAT (Articles 44 and 196 of Council Directive 2006/112/EC).")
    return ""
