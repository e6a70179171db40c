"""VAT numbers, checked as far as that goes without asking anybody: how they are made, and their check digits.

Whether a number was issued, and to whom, is for the vendor's accountants to ask (VIES, within the EU).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NoReturn

from django.utils.translation import gettext_lazy as _
from django_countries import countries

from keywright_portal.domain.tax import EU
from keywright_portal.kit.errors import KeywrightError

PREFIXES: Final = {"GR": "EL"}
"""Where the letters before the number aren't the country's ISO 3166 code."""
CHECKED_OUTSIDE_THE_EU: Final = frozenset({"CH", "GB", "NO"})
"""Other countries have several kinds of numbers that businesses give here: those stay as they were typed."""
LONGEST: Final = 30
"""Characters that are looked at at all, as the columns hold."""


class VatNumberError(KeywrightError):
    """The number isn't made as this country's are."""

    code = "vat_number"


def check_vat_number(*, country: str, number: str) -> str:
    """The number in one form, capitals without blanks, and in the EU with its prefix; "" for none.

    Of a country whose numbers aren't checked here it stays as it was typed. Raises VatNumberError.
    """
    typed = unicodedata.normalize("NFKC", number).strip()
    if not typed:
        return ""
    compact = re.sub(r"[\s.\-/]", "", typed).upper()
    if country not in EU:
        return _check_elsewhere(country=country, typed=typed)
    prefix = PREFIXES.get(country, country)
    own = compact[len(prefix) :] if compact.startswith((prefix, country)) else compact
    if not _fits(prefix + own, country=country):
        _refuse(country, prefix=prefix)
    return prefix + own


def is_valid_vat_number(*, country: str, number: str) -> bool:
    """Whether a number of an EU country was given that is made as it must be: what reverse charge asks for."""
    if not number.strip() or country not in EU:
        return False
    try:
        check_vat_number(country=country, number=number)
    except VatNumberError:
        return False
    return True


def _check_elsewhere(*, country: str, typed: str) -> str:
    if country not in CHECKED_OUTSIDE_THE_EU:
        return typed
    if not _fits(typed, country=country):
        _refuse(country, prefix="")
    return typed


def _fits(number: str, *, country: str) -> bool:
    from stdnum import get_cc_module  # noqa: PLC0415 (read late: most pages know no VAT number)

    module = get_cc_module(country.lower(), "vat")
    return module is not None and number.isascii() and len(number) <= LONGEST and bool(module.is_valid(number))


def _refuse(country: str, *, prefix: str) -> NoReturn:
    named = {"country": countries.name(country), "prefix": prefix}
    if prefix:
        raise VatNumberError(
            _(
                "This is no VAT number of %(country)s: one begins with %(prefix)s, and its check digits must fit. "
                "Correct it, or leave the field empty if you have none."
            )
            % named,
            field="vat_number",
        )
    raise VatNumberError(
        _("This is no VAT number of %(country)s. Correct it, or leave the field empty if you have none.") % named,
        field="vat_number",
    )
