"""Invoices, and each as a PDF."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.billing import selectors as billing
from keywright_portal.web.actor import OrganizationRequest, organization_page
from keywright_portal.web.paging import page_of

if TYPE_CHECKING:
    from keywright_portal.billing.models import Invoice, Payment

ON_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """An invoice in the table: what for, in one line, and what else stands on it. `payment` is None where none came."""

    invoice: Invoice
    what: str
    more: str
    payment: Payment | None


@require_safe
@never_cache
@organization_page
def billing_history(request: OrganizationRequest) -> HttpResponse:
    """A page of the invoices, newest first."""
    page = page_of(billing.invoices_for(actor=request.actor), number=request.GET.get("page"), size=ON_A_PAGE)
    context = {"page": page, "rows": [_row(invoice) for invoice in page.object_list]}
    return render(request, "web/billing/history.html", context)


@require_safe
@never_cache
@organization_page
def invoice_pdf(request: OrganizationRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """The PDF as it was typeset when the invoice was issued."""
    invoice = billing.invoice_for(actor=request.actor, invoice_id=invoice_id)
    disposition = content_disposition_header(as_attachment=True, filename=f"{invoice.number}.pdf") or "attachment"
    return HttpResponse(
        bytes(invoice.pdf),
        content_type="application/pdf",
        headers={
            "Content-Disposition": disposition,
            "Cache-Control": "no-store, private",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _row(invoice: Invoice) -> InvoiceRow:
    first, *others = list(invoice.lines.all())
    users = ngettext("%(count)s user", "%(count)s users", first.quantity) % {"count": f"{first.quantity:,}"}
    return InvoiceRow(
        invoice=invoice,
        what=_("%(item)s, %(users)s") % {"item": first.description, "users": users},
        more=", ".join(line.description for line in others),
        payment=next(iter(invoice.payments.all()), None),
    )
