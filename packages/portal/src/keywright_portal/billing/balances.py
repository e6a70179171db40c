"""What of an invoice is paid, went back, was credited, and is due: added up from rows, never kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from keywright_portal.billing.models import (
    CreditNote,
    Dispute,
    DisputeState,
    Invoice,
    Payment,
    Refund,
    RefundState,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Minor units of the invoice's currency. `returned` are refunds that succeeded and disputes that were lost."""

    gross: int
    paid: int
    returned: int
    credited: int

    @property
    def kept(self) -> int:
        """What the vendor has of it."""
        return self.paid - self.returned

    @property
    def due(self) -> int:
        """What is still owed; 0 where more was kept than is owed, see `excess`."""
        return max(0, self.gross - self.credited - self.kept)

    @property
    def excess(self) -> int:
        """What was kept above what is owed: a credit note was issued whose money didn't go back yet."""
        return max(0, self.kept - (self.gross - self.credited))

    def to_credit(self, going_back: int = 0) -> int:
        """What a credit note takes back of a paid invoice, so that no more stands than is kept once this went back."""
        return max(0, self.gross - self.credited - max(0, self.kept - going_back))


def balance(invoice: Invoice) -> Balance:
    """One invoice's. Under its row's lock where something is decided by it."""
    return balances([invoice])[invoice.pk]


def balances(invoices: Iterable[Invoice]) -> Mapping[uuid.UUID, Balance]:
    """Each invoice's, by its key. Four queries, however many there are."""
    known = {invoice.pk: invoice for invoice in invoices}
    if not known:
        return {}
    paid = _sums(Payment.objects.filter(invoice__in=known), "invoice_id", "amount")
    refunded = _sums(
        Refund.objects.filter(payment__invoice__in=known, state=RefundState.SUCCEEDED), "payment__invoice_id", "amount"
    )
    disputed = _sums(
        Dispute.objects.filter(payment__invoice__in=known, state=DisputeState.LOST), "payment__invoice_id", "amount"
    )
    credited = _sums(CreditNote.objects.filter(invoice__in=known), "invoice_id", "gross")
    return {
        key: Balance(
            gross=invoice.gross,
            paid=paid.get(key, 0),
            returned=refunded.get(key, 0) + disputed.get(key, 0),
            credited=credited.get(key, 0),
        )
        for key, invoice in known.items()
    }


def _sums(rows: QuerySet[Any], key: str, amount: str) -> dict[uuid.UUID, int]:
    # An empty order: a model's own would become part of what the rows are grouped by.
    return dict(rows.order_by().values_list(key).annotate(total=Sum(amount)))
