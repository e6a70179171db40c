"""Money and dates as people read them, outside of templates: symbol first, two digits, minus before the symbol."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language

BRANDS: Final = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "Eftpos Australia",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
"""Makes of cards whose name isn't the provider's word with a capital letter."""


def money_in_words(amount: int, currency: str) -> str:
    """`amount` minor units of `currency`, such as €24,000.00 or −€124.93."""
    return _money_in_words(amount, currency, _locale())


@lru_cache(maxsize=1024)
def _money_in_words(amount: int, currency: str, locale: str) -> str:
    """Remembered: a purchase says the same few sums on its pages, in its mail and on its invoice."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    # Babel formats a string of digits through Decimal: no float, no rounding.
    text = format_currency(f"{whole}.{rest:0{digits}d}" if digits else str(whole), currency, locale=locale)
    return f"−{text}" if amount < 0 else text


def money_as_number(amount: int, currency: str) -> Decimal:
    """`amount` minor units of `currency` as a spreadsheet's cell: 24000.00, with the currency's own digits."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def card_in_words(brand: str) -> str:
    """The card's make as its owner knows it: Visa, American Express. `brand` is the payment provider's word."""
    return BRANDS.get(brand, brand.replace("_", " ").capitalize())


def date_in_words(day: date | datetime) -> str:
    """Such as 12 March 2026."""
    return format_date(day, format="d MMMM yyyy", locale=_locale())


def _locale() -> str:
    return (get_language() or "en").replace("-", "_").split("_")[0]
