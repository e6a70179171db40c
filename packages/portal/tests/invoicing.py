"""Invoices for tests: what they say, issuing them, and reading their PDFs."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from io import BytesIO

from django.db import connection
from pypdf import PdfReader

from keywright_portal.billing.services.issue_invoice import LineToBill, issue_invoice
from keywright_portal.billing.services.record_payment import MoneyReceived
from keywright_portal.catalog.vendor import BankDetails
from keywright_portal.domain.money import BASIS, Money, round_half_up, zero
from keywright_portal.kit.actor import system

BUYER = {"name": "Brightwater Logistics GmbH", "lines": ["Speicherweg 14", "20457 Hamburg", "Germany"]}
SELLER = {
    "name": "Example Software",
    "legal_name": "Example Software GmbH",
    "lines": ["Musterstraße 1", "10115 Berlin"],
    "footer": "Example Software GmbH · billing@example-software.example",
}
BANK = BankDetails(
    account_holder="Example Software GmbH", iban="DE89370400440532013000", bic="COBADEFFXXX", bank="Example Bank"
)


def line(
    quantity=200,
    unit=10_200,
    tax=0,
    *,
    description="Enterprise Edition E20",
    currency="USD",
    discount=0,
    inclusive=False,
):
    """`tax` is in basis points, reckoned here as a second opinion."""
    price = quantity * unit - discount
    if inclusive:
        gross, owed = price, round_half_up(price * tax, BASIS + tax)
    else:
        owed = round_half_up(price * tax, BASIS)
        gross = price + owed
    return LineToBill(
        description=description,
        calculation=f"{quantity} users",
        quantity=quantity,
        unit=Money(unit, currency),
        discount=Money(discount, currency),
        net=Money(gross - owed, currency),
        tax=Money(owed, currency),
        gross=Money(gross, currency),
        tax_basis_points=tax,
        prices_include_tax=inclusive,
    )


def issue_for(organization, *lines, now, paid=False, buyer=BUYER, seller=SELLER, **more):
    lines = lines or (line(),)
    total = sum((one.gross for one in lines), zero(lines[0].gross.currency))
    received = MoneyReceived(
        provider_payment_id=f"pi_{uuid.uuid4()}", amount=total, card_brand="visa", card_last4="4242"
    )
    return issue_invoice(
        organization=organization,
        order_id=more.pop("order_id", None) or uuid.uuid4(),
        order_number=more.pop("order_number", "ORD-2222-3333"),
        purchase_order=more.pop("purchase_order", ""),
        buyer=buyer,
        seller=seller,
        number_prefix="INV",
        lines=lines,
        received=more.pop("received", None) or (received if paid else None),
        actor=system("test"),
        now=now,
        **more,
    )


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def words(pdf: bytes) -> str:
    """Its text in one line."""
    return " ".join(text_of(pdf).split())


def fonts_of(pdf: bytes) -> set[str]:
    """The names of the fonts that its first page uses, without the letters that mark a subset."""
    resources = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    names = {font.get_object()["/BaseFont"].lstrip("/").split("+")[-1] for font in resources.values()}
    return {name.removesuffix("-Identity-H") for name in names}


@contextmanager
def without_triggers(model):
    """What the database refuses by itself is let through, on PostgreSQL."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
