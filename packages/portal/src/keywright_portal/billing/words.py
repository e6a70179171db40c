"""Money and dates as people read them, outside of templates: symbol first, two digits, minus before the symbol."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language


def money_in_words(amount: int, currency: str) -> str:
    """`amount` minor units of `currency`, such as €24,000.00 or −€124.93."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    # Babel formats a string of digits through Decimal: no float, no rounding.
    text = format_currency(f"{whole}.{rest:0{digits}d}" if digits else str(whole), currency, locale=_locale())
    return f"−{text}" if amount < 0 else text


def date_in_words(day: date | datetime) -> str:
    """Such as 12 March 2026."""
    return format_date(day, format="d MMMM yyyy", locale=_locale())


def _locale() -> str:
    return (get_language() or "en").replace("-", "_").split("_")[0]
