"""Seller and buyer as an invoice names them, copied in on the day."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django_countries import countries

from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.orders.models import Order


def buyer_on_invoice(order: Order) -> dict[str, object]:
    """The billing details that came with Complete."""
    given = order.buyer or {}
    place = " ".join(part for part in (given.get("postal_code"), given.get("city")) if part)
    lines = [given.get("street"), place, str(countries.name(given.get("country", "")))]
    if given.get("vat_number"):
        lines.append(_("VAT number %(number)s") % {"number": given["vat_number"]})
    return {"name": given.get("name", order.organization.name), "lines": [line for line in lines if line]}


def seller_on_invoice(vendor: VendorDetails) -> dict[str, object]:
    """The vendor's legal details from its catalog file."""
    lines = [*vendor.address, vendor.country_name]
    if vendor.tax_number:
        lines.append(_("Tax number %(number)s") % {"number": vendor.tax_number})
    footer = [vendor.legal_name, vendor.registration_number, vendor.billing_email, vendor.website]
    return {
        "name": vendor.name,
        "legal_name": vendor.legal_name,
        "lines": lines,
        "footer": " · ".join(part for part in footer if part),
    }
