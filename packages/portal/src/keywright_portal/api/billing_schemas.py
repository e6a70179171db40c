"""What the API says of an organization's invoices and credit notes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from keywright_portal.api.schemas import Amount
from keywright_portal.billing.history import Shown, State

MOST_ON_A_PAGE: Final = 100
"""Documents in one answer."""
LAST_PAGE: Final = 1_000_000
"""More than any list has, and a number that every database takes for an offset."""


class DocumentsQuery(Schema):
    """Which documents."""

    model_config = ConfigDict(extra="forbid")

    shown: Shown = Shown.ALL
    year: Annotated[int, Field(ge=2000, le=2099, description="In UTC, of the day of issue.")] | None = None
    q: Annotated[
        str,
        StringConstraints(max_length=60, pattern=r"^[^\x00]*$"),
        Field(description="A part of a number, of the purchase order, or of what was bought."),
    ] = ""
    page: Annotated[int, Field(ge=1, le=LAST_PAGE)] = 1


class DocumentLine(Schema):
    """How a part of an invoice came about. A credit note lists what it takes back of each line in its PDF."""

    description: str
    calculation: str
    quantity: int
    unit: Amount
    discount: Amount
    net: Amount
    tax_basis_points: int
    tax: Amount
    gross: Amount


class DocumentPayment(Schema):
    """Money that came for an invoice. `receipt` is the address of its PDF."""

    method: Literal["card", "transfer"]
    amount: Amount
    received_at: dt.datetime
    receipt: str


class Document(Schema):
    """An invoice, or a credit note, whose amounts are negative. Addresses are within the portal."""

    kind: Literal["invoice", "credit_note"]
    number: str
    state: State
    issued_at: dt.datetime
    order: str
    purchase_order: str
    invoice: str | None = Field(description="The number of the invoice that a credit note takes back.")
    reason: str | None = Field(description="Why, for a credit note.")
    net: Amount
    tax: Amount
    gross: Amount
    due_at: dt.datetime | None
    paid_at: dt.datetime | None
    lines: list[DocumentLine]
    payments: list[DocumentPayment]
    pdf: str


class Documents(Schema):
    """A page of them, newest first. A page above the last is the last."""

    count: int
    page: int
    pages: int
    documents: list[Document]
