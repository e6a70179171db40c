"""What can go wrong with cards, invoices and the money for them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import KeywrightError

UNCONFIRMED: Final = "not_confirmed"
"""The provider waits for a card: the browser never got to confirm it, or the buyer closed the bank's window."""


class CardNotSavedError(KeywrightError):
    """The bank, or the buyer, didn't confirm the card. `reason` is the provider's code, as for a payment."""

    code = "card_not_saved"

    def __init__(self, reason: str, *, reference: str) -> None:
        super().__init__(_("The card wasn’t saved. Try again, or use another card."), reference=reference)
        self.reason = reason


class CardNeededError(KeywrightError):
    """The last saved card of an organization that has something to renew, and nobody said so yet."""

    code = "card_needed"


class TooManyCardTriesError(KeywrightError):
    """More cards were tried than a person would. `retry_after` is in seconds."""

    code = "too_many_card_tries"

    def __init__(self, message: Any, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PaymentExceedsInvoiceError(KeywrightError):
    """More money than the invoice is owed, or in another currency. What is too much is kept apart from it."""

    code = "payment_exceeds_invoice"

    def __init__(self, number: str) -> None:
        super().__init__(
            _("That is more than invoice %(number)s is owed, or in another currency. Check the amount and the invoice.")
            % {"number": number}
        )


class CreditExceedsInvoiceError(KeywrightError):
    """More than is left of the invoice, nothing, or in another currency."""

    code = "credit_exceeds_invoice"

    def __init__(self, number: str) -> None:
        super().__init__(
            _("No more can be taken back of invoice %(number)s than is left of it. Choose a smaller amount.")
            % {"number": number}
        )
