"""What an organization was billed, for who is signed in to the portal and may read its bills. Reading only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from ninja import Query, Router

from keywright_portal.accounts import selectors as accounts
from keywright_portal.api import billing_schemas as schemas
from keywright_portal.api.errors import NotSignedInError
from keywright_portal.api.schemas import Amount, Problem
from keywright_portal.billing.history import Wanted, history_for, state_of
from keywright_portal.billing.models import CreditNote
from keywright_portal.kit import clock
from keywright_portal.kit.errors import PermissionDeniedError

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_portal.billing.history import BilledInvoice
    from keywright_portal.billing.models import InvoiceLine, Payment
    from keywright_portal.kit.actor import Actor

router = Router()
PROBLEMS: Final[dict[int, Any]] = {401: Problem, 403: Problem, 404: Problem, 422: Problem}


@router.get(
    "/{slug:organization}/documents",
    response={200: schemas.Documents, **PROBLEMS},
    operation_id="documents",
    summary="Invoices and credit notes",
)
def documents(
    request: HttpRequest, response: HttpResponse, organization: str, asked: Query[schemas.DocumentsQuery]
) -> schemas.Documents:
    """What Billing history shows, for the portal's own session."""
    add_never_cache_headers(response)
    history = history_for(
        actor=_actor(request, organization),
        wanted=Wanted(shown=asked.shown, year=asked.year, text=asked.q.strip()),
    )
    page = history.page(asked.page, size=schemas.MOST_ON_A_PAGE)
    now = clock.now()
    return schemas.Documents(
        count=page.count,
        page=page.number if page.count else 1,
        pages=max(1, -(-page.count // schemas.MOST_ON_A_PAGE)),
        documents=[_document(document, organization=organization, now=now) for document in page.documents],
    )


def _actor(request: HttpRequest, organization: str) -> Actor:
    if not request.user.is_authenticated:
        raise NotSignedInError(_("Sign in to the portal, then ask again."))
    place = accounts.place_for(user=request.user, organization_slug=organization)
    if not place.is_verified:
        raise PermissionDeniedError(_("Confirm your email address first: we sent you a link."))
    return place.actor


def _document(document: BilledInvoice | CreditNote, *, organization: str, now: datetime) -> schemas.Document:
    is_note = isinstance(document, CreditNote)
    invoice = document.invoice if isinstance(document, CreditNote) else document
    sign = -1 if is_note else 1

    def amount(minor_units: int) -> Amount:
        return Amount(amount=sign * minor_units, currency=document.currency)

    name, key = ("credit-note-pdf", "credit_note_id") if is_note else ("invoice-pdf", "invoice_id")
    return schemas.Document(
        kind="credit_note" if is_note else "invoice",
        number=document.number,
        state=state_of(document, now=now),
        issued_at=document.issued_at,
        order=invoice.order_number,
        purchase_order=invoice.purchase_order,
        invoice=invoice.number if is_note else None,
        reason=document.reason if isinstance(document, CreditNote) else None,
        net=amount(document.net),
        tax=amount(document.tax),
        gross=amount(document.gross),
        due_at=None if is_note else invoice.due_at,
        paid_at=None if is_note else invoice.paid_at,
        lines=[] if is_note else [_line(line, currency=document.currency) for line in invoice.lines.all()],
        payments=[] if is_note else [_payment(one, organization=organization) for one in invoice.payments.all()],
        pdf=reverse(name, kwargs={"organization": organization, key: document.pk}),
    )


def _line(line: InvoiceLine, *, currency: str) -> schemas.DocumentLine:
    def amount(minor_units: int) -> Amount:
        return Amount(amount=minor_units, currency=currency)

    return schemas.DocumentLine(
        description=line.description,
        calculation=line.calculation,
        quantity=line.quantity,
        unit=amount(line.unit_amount),
        discount=amount(line.discount),
        net=amount(line.net),
        tax_basis_points=line.tax_basis_points,
        tax=amount(line.tax),
        gross=amount(line.gross),
    )


def _payment(payment: Payment, *, organization: str) -> schemas.DocumentPayment:
    place = {"organization": organization, "invoice_id": payment.invoice_id, "position": payment.position}
    return schemas.DocumentPayment(
        method="transfer" if payment.method == "transfer" else "card",
        amount=Amount(amount=payment.amount, currency=payment.currency),
        received_at=payment.received_at,
        receipt=reverse("receipt-pdf", kwargs=place),
    )
