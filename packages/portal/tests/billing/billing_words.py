"""What the invoices of these tests say, and reading it back."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from keywright_portal.billing.services.issue_invoice import LineToBill
from keywright_portal.domain.money import BASIS, Money, round_half_up

BUYER = {"name": "Brightwater Logistics GmbH", "lines": ["Speicherweg 14", "20457 Hamburg", "Germany"]}
SELLER = {
    "name": "Example Software",
    "legal_name": "Example Software GmbH",
    "lines": ["Musterstraße 1", "10115 Berlin"],
    "footer": "Example Software GmbH · billing@example-software.example",
}


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


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
