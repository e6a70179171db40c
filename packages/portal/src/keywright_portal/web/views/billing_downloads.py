"""Invoices, receipts and credit notes as files: one PDF, all of them, or a CSV of what the page's filter shows."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.billing.history import credit_note_for, history_for, payment_for
from keywright_portal.billing.models import CreditNote
from keywright_portal.billing.selectors import invoice_for
from keywright_portal.billing.services.issue_receipt import issue_receipt
from keywright_portal.billing.words import money_as_number
from keywright_portal.kit import clock
from keywright_portal.kit.spreadsheet import csv_file
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o
from keywright_portal.web.billing_filter import as_query, wanted_by
from keywright_portal.web.billing_rows import billing_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from keywright_portal.billing.history import BilledInvoice
    from keywright_portal.kit.spreadsheet import Cell

MOST_IN_ONE_ZIP: Final = 1_000
"""PDFs in one download, some 25 MB: a connection that takes longer is cut off by what stands before the portal."""
NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
PRIVATE: Final = {"Cache-Control": "no-store, private", "X-Content-Type-Options": "nosniff"}


@require_safe
@never_cache
@organization_page
def invoice_pdf(request: OrganizationRequest, invoice_id: uuid.UUID) -> HttpResponse:
    """The PDF as it was typeset when the invoice was issued."""
    invoice = invoice_for(actor=request.actor, invoice_id=invoice_id)
    return _pdf(invoice.number, bytes(invoice.pdf))


@require_safe
@never_cache
@organization_page
def credit_note_pdf(request: OrganizationRequest, credit_note_id: uuid.UUID) -> HttpResponse:
    """The PDF as it was typeset when the credit note was issued."""
    note = credit_note_for(actor=request.actor, credit_note_id=credit_note_id)
    return _pdf(note.number, bytes(note.pdf))


@require_safe
@never_cache
@organization_page
def receipt_pdf(request: OrganizationRequest, invoice_id: uuid.UUID, position: int) -> HttpResponse:
    """A payment's receipt. The first look makes it; what it says is what was so when the payment came."""
    payment = payment_for(actor=request.actor, invoice_id=invoice_id, position=position)
    receipt = issue_receipt(payment=payment, now=clock.now())
    return _pdf(receipt.number, bytes(receipt.pdf))


@require_safe
@never_cache
@organization_page
def billing_csv(request: OrganizationRequest) -> HttpResponse:
    """What the filter shows, all pages of it, as a spreadsheet opens it."""
    now = clock.now()
    history = history_for(actor=request.actor, wanted=wanted_by(request.GET))
    headers = (
        _("Date"),
        _("Kind"),
        _("Number"),
        _("For invoice"),
        _("Order"),
        _("Purchase order"),
        _("Description"),
        _("Net"),
        _("Tax"),
        _("Total"),
        _("Currency"),
        _("Status"),
        _("Due"),
        _("Paid"),
        _("Paid by"),
    )
    rows = (_cells(document, now=now) for document in history.all())
    name = f"billing-history-{request.organization.slug}.csv"
    return _streamed(csv_file(headers, rows), content_type="text/csv; charset=utf-8", name=name)


@require_safe
@never_cache
@organization_page
def billing_zip(request: OrganizationRequest) -> HttpResponse:
    """The PDFs of what the filter shows, invoices and credit notes, one at a time as they are read."""
    wanted = wanted_by(request.GET)
    history = history_for(actor=request.actor, wanted=wanted)
    if history.count() > MOST_IN_ONE_ZIP:
        most = {"count": f"{MOST_IN_ONE_ZIP:,}"}
        messages.error(
            request, _("One download holds up to %(count)s PDFs. Choose a year, then download them again.") % most
        )
        return redirect(reverse_o(request, "billing") + as_query(wanted))
    name = f"billing-documents-{request.organization.slug}.zip"
    return _streamed(_zipped(history.pdfs()), content_type="application/zip", name=name)


def _cells(document: BilledInvoice | CreditNote, *, now: datetime) -> tuple[Cell, ...]:
    row = billing_row(document, now=now)
    is_note = isinstance(document, CreditNote)
    invoice = document.invoice if isinstance(document, CreditNote) else document
    sign = -1 if is_note else 1
    amounts = (document.net, document.tax, document.gross)
    return (
        document.issued_at.date(),
        _("Credit note") if is_note else _("Invoice"),
        document.number,
        invoice.number if is_note else "",
        invoice.order_number,
        invoice.purchase_order,
        row.what,
        *(money_as_number(sign * amount, document.currency) for amount in amounts),
        document.currency,
        row.state.replace(NO_BREAK_SPACE, " "),
        None if is_note else invoice.due_at.date(),
        invoice.paid_at.date() if invoice.paid_at is not None and not is_note else None,
        row.how,
    )


def _zipped(files: Iterable[tuple[str, datetime, bytes]]) -> Iterator[bytes]:
    """A ZIP as it grows: nothing but the file at hand is in memory. The same documents give the same bytes."""
    written = _Passed()
    with zipfile.ZipFile(cast("Any", written), "w") as archive:
        for number, at, content in files:
            entry = zipfile.ZipInfo(f"{number}.pdf", date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED  # a PDF is compressed in itself
            archive.writestr(entry, content)
            yield written.taken()
    yield written.taken()


class _Passed(io.RawIOBase):
    """A file that can't be sought in; what was written is taken out."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        content = b"".join(self._parts)
        self._parts.clear()
        return content


def _pdf(number: str, content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="application/pdf", headers=_headers(f"{number}.pdf"))


def _streamed(content: Iterable[bytes], *, content_type: str, name: str) -> HttpResponse:
    answer = StreamingHttpResponse(content, content_type=content_type, headers=_headers(name))
    return cast("HttpResponse", answer)


def _headers(name: str) -> dict[str, str]:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return {**PRIVATE, "Content-Disposition": disposition}
