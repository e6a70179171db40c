"""What can go wrong with cards and invoices."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import KeywrightError

UNCONFIRMED: Final = "not_confirmed"
"""The provider waits for a card: the browser never got to confirm it, or the buyer closed the bank's window."""


class CardNotSavedError(KeywrightError):
    """The bank, or the buyer, didn't confirm the card. `reason` is the provider's code, as for a payment."""

    code = "card_not_saved"

    def __init__(self, reason: str) -> None:
        super().__init__(_("The card wasn’t saved. Try again, or use another card."))
        self.reason = reason
