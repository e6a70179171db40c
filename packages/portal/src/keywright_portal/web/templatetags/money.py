"""`{% load money %}`: sums and cards in words."""

from __future__ import annotations

from django import template

from keywright_portal.billing.words import card_in_words, money_in_words
from keywright_portal.domain.money import Money

register = template.Library()


@register.filter
def money(value: Money | int, currency: str = "") -> str:
    """`{{ quote.subtotal|money }}`, or minor units with their currency: `{{ line.amount|money:order.currency }}`."""
    if isinstance(value, Money):
        return money_in_words(value.amount, value.currency)
    return money_in_words(value, currency)


@register.filter
def card_name(brand: str) -> str:
    """`{{ card.brand|card_name }}`: Visa."""
    return card_in_words(brand)
