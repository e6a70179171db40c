"""What a buyer says with Complete, whichever way they pay."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDetails:
    """Who buys, as the invoice will say. `country` is an ISO 3166 code.

    `email` is a role address, or empty: it stands in the license. `invoice_email` is where an invoice to be paid by
    transfer goes, where that is another one.
    """

    name: str
    country: str
    street: str
    postal_code: str
    city: str
    vat_number: str
    email: str
    invoice_email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What came with Complete. `amount_shown` is the sum on the page, in minor units: a guard, never a price."""

    billing: BillingDetails
    purchase_order: str
    accepts_terms: bool
    save_card: bool
    amount_shown: int
