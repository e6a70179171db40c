"""What the invoices of these tests say, and reading it back."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from keywright_portal.billing.services.issue_invoice import LineToBill
from keywright_portal.domain.money import Money

BUYER = {"name": "Brightwater Logistics GmbH", "lines": ["Speicherweg 14", "20457 Hamburg", "Germany"]}
SELLER = {
    "name": "Example Software",
    "legal_name": "Example Software GmbH",
    "lines": ["Musterstraße 1", "10115 Berlin"],
    "footer": "Example Software GmbH · billing@example-software.example",
}


def line(quantity=200, unit=10_200, tax=0, description="Enterprise Edition E20"):
    return LineToBill(
        description=description,
        calculation=f"{quantity} users",
        quantity=quantity,
        unit=Money(unit, "USD"),
        tax_basis_points=tax,
    )


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
