"""Currencies in which a catalog may have prices, and how many digits their minor unit has."""

from __future__ import annotations

from typing import Final

_TWO: Final = """
    AED AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD IDR ILS INR MXN MYR NOK NZD PEN PHP PLN QAR RON SAR SEK SGD THB TRY
    TWD UAH USD ZAR
"""
_NONE: Final = "CLP JPY KRW PYG VND"

DIGITS: Final[dict[str, int]] = {**dict.fromkeys(_TWO.split(), 2), **dict.fromkeys(_NONE.split(), 0)}
"""Where ISO 4217 and the payment provider count minor units alike. Others (ISK, UGX, HUF, those with three digits) are
left out on purpose: the provider wants their amounts in a form of its own, and a sum off by a hundred helps nobody."""


def amount_text(amount: int, currency: str) -> str:
    """`3900` of USD as `39.00`: as the catalog file has it."""
    digits = DIGITS[currency]
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)
