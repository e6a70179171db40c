"""By which way money came, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from keywright_portal.billing import words
from keywright_portal.billing.models import Payment, PaymentMethod


def card_in_words(brand: str, last4: str) -> str:
    """Such as `Visa ending 4242`; nothing where the money didn't come by card."""
    return _("%(brand)s ending %(last4)s") % {"brand": words.card_in_words(brand), "last4": last4} if last4 else ""


def paid_by(row: Payment) -> str:
    """Such as `Visa ending 4242`, or that it was a bank transfer."""
    return _("bank transfer") if row.method == PaymentMethod.TRANSFER else card_in_words(row.card_brand, row.card_last4)
