"""An order whose invoice was sent: what to pay, where to, and the license where it comes before the money."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.billing import selectors as billing
from keywright_portal.catalog.vendor import BankDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.licensing import selectors as licensing
from keywright_portal.orders import selectors as orders
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.notices import billing_address
from keywright_portal.subscriptions.listing import listed_term_for
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o

if TYPE_CHECKING:
    from keywright_portal.billing.models import Invoice


@require_safe
@never_cache
@organization_page
def order_invoiced(request: OrganizationRequest, order_id: uuid.UUID) -> HttpResponse:
    """The page after Complete by invoice, for as long as the transfer is awaited; else where the order is."""
    order = orders.order_for(actor=request.actor, order_id=order_id)
    if order.state != OrderState.INVOICED:
        return redirect(reverse_o(request, "payment", order_id=order.pk))
    invoice = billing.invoice_of_order_for(actor=request.actor, order_id=order.pk)
    if invoice is None:
        raise NotFoundError(_("There is no such invoice here. Your invoices are listed under Billing history."))
    received = sum(payment.amount for payment in invoice.payments.all())
    context: dict[str, Any] = {
        "order": order,
        "invoice": invoice,
        "sent_to": billing_address(order),
        "received": Money(received, invoice.currency) if received else None,
        "to_pay": Money(invoice.gross - received, invoice.currency),
        "account": _account(invoice),
        "may_read_invoice": Permission.BILLING_READ in request.actor.permissions,
        **_license(request, order),
    }
    return render(request, "web/payment/invoiced.html", context)


def _account(invoice: Invoice) -> list[tuple[str, str]]:
    """As the invoice has it: the vendor's account of that day."""
    if invoice.bank is None:
        return []
    bank = BankDetails(**invoice.bank)
    return [
        (_("Account holder"), bank.account_holder),
        (_("IBAN"), bank.iban_in_groups),
        (_("BIC"), bank.bic),
        (_("Bank"), bank.bank),
    ]


def _license(request: OrganizationRequest, order: Order) -> dict[str, Any]:
    """The license that runs until the invoice is paid, where the vendor gives one."""
    if order.subscription_id is None:
        return {}
    term = listed_term_for(actor=request.actor, subscription_id=order.subscription_id, now=clock.now())
    files = licensing.listed_files_for(actor=request.actor, term_ids=[term.id])[term.id] if term is not None else []
    if not files:
        return {}
    return {
        "file": files[0],
        "runs_through": files[0].last_day,
        "may_download": Permission.LICENSE_DOWNLOAD in request.actor.permissions,
    }
