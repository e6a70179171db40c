"""What the payment page shows: the total for these billing details, and the ways to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_portal.billing.services.issue_invoice import DAYS_TO_PAY
from keywright_portal.catalog.vat import VatNumberError, check_vat_number
from keywright_portal.domain.tax import TaxKind
from keywright_portal.domain.term import term_span
from keywright_portal.kit.errors import KeywrightError
from keywright_portal.orders.quoting import requote
from keywright_portal.orders.services.place_on_invoice import RUNS_BEFORE_PAYMENT
from keywright_portal.orders.services.start_payment import card_is_offered
from keywright_portal.web.context import vendor_of
from keywright_portal.web.order_lines import OrderSummary, summary_of_order, summary_of_quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

    from keywright_portal.accounts.models import Organization
    from keywright_portal.orders.models import Order
    from keywright_portal.web.actor import OrganizationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What the order costs for the billing details on the page, and what follows from that.

    `vat_error` is the sentence beside a VAT number that isn't made right; it counts as none. `vat_is_valid` says that
    for the number that was given no VAT is added. `due_on` is the last day to pay an invoice of today.
    """

    summary: OrderSummary
    by_card: bool
    by_transfer: bool
    due_on: date
    days_to_pay: int
    license_before_payment: bool
    license_days: int
    vat_error: str | _StrPromise = ""
    vat_is_valid: bool = False

    @property
    def total_label(self) -> SafeString:
        """For either way to pay; the page shows the one that is chosen."""
        days = ngettext("Total due in %(days)s day", "Total due in %(days)s days", self.days_to_pay)
        return format_html(
            '<span class="portal-by-card">{}</span><span class="portal-by-transfer">{}</span>',
            _("Total due today"),
            days % {"days": self.days_to_pay},
        )


def amounts_for(request: OrganizationRequest, order: Order, *, country: str, vat_number: str, now: datetime) -> Amounts:
    """Reckoned anew, in the order's own currency. Where something isn't sold any more, Complete says so: then what the
    order holds is shown.
    """
    vendor = vendor_of(request)
    span = term_span(anchor=now.date(), number=1)
    kind = None
    try:
        quote = requote(order=order, country=country, vat_number=vat_number, vendor=vendor).quote
    except KeywrightError:
        by_card = card_is_offered(order.total)
        summary = summary_of_order(order, span=span, card_is_offered=by_card)
    else:
        kind = quote.treatment.kind
        by_card = card_is_offered(quote.gross)
        summary = summary_of_quote(quote, span=span, card_is_offered=by_card)
    return Amounts(
        summary=summary,
        by_card=by_card,
        by_transfer=vendor.transfer_offered,
        due_on=(now + timedelta(days=DAYS_TO_PAY)).date(),
        days_to_pay=DAYS_TO_PAY,
        license_before_payment=vendor.license_before_payment,
        license_days=RUNS_BEFORE_PAYMENT.days,
        vat_error=_vat_error(country=country, vat_number=vat_number),
        vat_is_valid=kind is TaxKind.REVERSE_CHARGE,
    )


def known_details(request: OrganizationRequest, order: Order, *, last_buyer: Mapping[str, str]) -> dict[str, Any]:
    """The billing details as they were last given: for this order, for the organization, for its last order."""
    if order.buyer is not None:
        return {**order.buyer, "purchase_order": order.purchase_order}
    organization = request.organization
    known = _address_of(organization)
    if not organization.street:
        known |= {field: value for field, value in last_buyer.items() if value and not known.get(field)}
    return known


def _address_of(organization: Organization) -> dict[str, Any]:
    return {
        "name": organization.name,
        "country": organization.country.code,
        "street": organization.street,
        "postal_code": organization.postal_code,
        "city": organization.city,
        "vat_number": organization.vat_number,
        "email": organization.billing_email,
    }


def _vat_error(*, country: str, vat_number: str) -> str | _StrPromise:
    try:
        check_vat_number(country=country, number=vat_number)
    except VatNumberError as error:
        return error.message  # type: ignore[no-any-return]  # an error's message is whatever its sentence is made of
    return ""
