"""Amounts of money as people at the back office type them, and as files have them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from keywright_portal.billing.words import money_as_number
from keywright_portal.domain.money import Money

_TYPED: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]+))?")
"""15 digits before the point fit into 64 bits with any currency's minor units. A comma could mean either."""


def decimal_of(money: Money) -> Decimal:
    """`Money(-1250, "USD")` as -12.50: a number for files."""
    return money_as_number(money.amount, money.currency)


def typed_amount(text: str, *, currency: str) -> Money:
    """What a person typed, such as 1234.50. Raises ValidationError for what could be read in two ways."""
    digits = get_currency_precision(currency)
    found = _TYPED.fullmatch("".join(text.split()))
    if found is None:
        raise ValidationError(_("Write the amount with a point and without grouping, such as 1234.50."))
    whole, fraction = found[1], (found[2] or "").rstrip("0")
    if len(fraction) > digits:
        raise ValidationError(
            _("%(currency)s has %(digits)s digits after the point.") % {"currency": currency, "digits": digits}
        )
    return Money(int(whole) * 10**digits + int(fraction.ljust(digits, "0") or 0), currency)


def amount_to_type(money: Money) -> str:
    """What `typed_amount` reads as `money`."""
    return f"{decimal_of(money):f}"
