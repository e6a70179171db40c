"""What can go wrong with an order."""

from keywright_portal.kit.errors import KeywrightError


class SeatsError(KeywrightError):
    """The number of users is no whole number in range."""

    code = "seats_out_of_range"


class OrderChangedError(KeywrightError):
    """The order is no longer as the page showed it: paid, discarded or changed in another tab."""

    code = "order_changed"


class TermsNotAcceptedError(KeywrightError):
    code = "terms_not_accepted"


class CardNotOfferedError(KeywrightError):
    """The total is above what the payment provider takes by card."""

    code = "card_not_offered"


class PaymentMismatchError(KeywrightError):
    """The money that came isn't the order's: no license, an alarm for the vendor."""

    code = "payment_mismatch"


class PaymentNotDoneError(KeywrightError):
    """The payment didn't go through. Nothing was charged; `reference` is what the buyer can quote."""

    code = "payment_not_done"


class RefundError(KeywrightError):
    """Money can't be given back like that: too much, too little, without a reason, or the provider refused."""

    code = "refund"


class TransferError(KeywrightError):
    """A bank transfer can't be kept or assigned like that."""

    code = "transfer"


class InvoiceNotOfferedError(KeywrightError):
    """The vendor's catalog doesn't offer to pay by invoice and bank transfer."""

    code = "invoice_not_offered"
