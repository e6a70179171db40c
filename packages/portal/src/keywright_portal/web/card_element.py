"""What the page's script needs for the card fields, which the payment provider draws in a frame of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings

from keywright_look import plain_colours
from keywright_portal.web.context import vendor_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keywright_portal.domain.money import Money

LOAD_SECONDS: Final = 20
"""After this long without the provider's script, the page says so and offers to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardElement:
    """`script_url` is the provider's; `key` its publishable one. `amount` is in minor units, None to save a card only.

    The colours are the vendor's accent in either theme; the rest of the appearance is read from the page.
    """

    script_url: str
    key: str
    amount: int | None
    currency: str
    accent: str
    accent_dark: str
    load_seconds: int = LOAD_SECONDS


def card_element(request: HttpRequest, *, amount: Money | None) -> CardElement:
    vendor = vendor_of(request)
    colours = plain_colours(vendor.brand_colour)
    return CardElement(
        script_url=settings.STRIPE_JS_URL,
        key=settings.STRIPE_PUBLISHABLE_KEY,
        amount=amount.amount if amount is not None else None,
        currency=(amount.currency if amount is not None else vendor.currency).lower(),
        accent=colours.text,
        accent_dark=colours.dark_text,
    )
