"""What waits for the vendor's billing people, for the first page of the back office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from keywright_portal.backoffice.links import list_url
from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    Dispute,
    DisputeState,
    Invoice,
    Refund,
    RefundState,
)
from keywright_portal.orders.handled import marked
from keywright_portal.orders.models import Order, OrderState

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many there are of something, and their list."""

    what: _StrOrPromise
    count: int
    url: str


def waiting(*, now: datetime) -> list[Waiting]:
    """What isn't done, leaving out of what there is none. Eight queries."""
    return [one for one in _all(now) if one.count]


def refunds_to_repeat() -> QuerySet[Refund]:
    """Those that failed, and after which nobody asked for another of the same payment."""
    later = Refund.objects.filter(payment=OuterRef("payment"), requested_at__gt=OuterRef("requested_at")).exclude(
        state=RefundState.FAILED
    )
    return Refund.objects.filter(~Exists(later), state=RefundState.FAILED)


def with_credited(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Each with `credited`, what credit notes took back of it."""
    notes = CreditNote.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice").annotate(all=Sum("gross"))
    return invoices.annotate(credited=Coalesce(Subquery(notes.values("all")), 0, output_field=BigIntegerField()))


def overdue_invoices(*, now: datetime) -> QuerySet[Invoice]:
    """Those that weren't paid in time, and weren't taken back as a whole."""
    late = Invoice.objects.filter(paid_at=None, due_at__lt=now)
    return with_credited(late).filter(credited__lt=F("gross"))


def _all(now: datetime) -> Iterator[Waiting]:
    disputes = list(Dispute.objects.filter(state=DisputeState.OPEN).order_by().values_list("pk", flat=True))
    yield Waiting(
        what=_("Disputes to answer"),
        count=len(disputes) - len(marked(disputes)),
        url=list_url(Dispute, state__exact=DisputeState.OPEN),
    )
    transfers = dict(
        BankTransfer.objects.filter(Q(invoice=None) | Q(surplus__gt=0)).order_by().values_list("pk", "invoice_id")
    )
    done = marked(transfers)
    left = [invoice_id for key, invoice_id in transfers.items() if key not in done]
    yield Waiting(
        what=_("Transfers without an invoice"),
        count=sum(invoice_id is None for invoice_id in left),
        url=list_url(BankTransfer, needs="invoice"),
    )
    yield Waiting(
        what=_("Transfers of which too much is to be sent back"),
        count=sum(invoice_id is not None for invoice_id in left),
        url=list_url(BankTransfer, needs="return"),
    )
    yield Waiting(
        what=_("Refunds that failed"),
        count=refunds_to_repeat().count(),
        url=list_url(Refund, needs="again"),
    )
    yield Waiting(
        what=_("Refunds on their way"),
        count=Refund.objects.filter(state=RefundState.PENDING).count(),
        url=list_url(Refund, state__exact=RefundState.PENDING),
    )
    yield Waiting(
        what=_("Overdue invoices"),
        count=overdue_invoices(now=now).count(),
        url=list_url(Invoice, standing="overdue"),
    )
    yield Waiting(
        what=_("Orders on hold: another sum came than was asked for"),
        count=Order.objects.filter(state=OrderState.ON_HOLD).count(),
        url=list_url(Order, state__exact=OrderState.ON_HOLD),
    )
