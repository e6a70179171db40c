"""Reading what an organization was billed: its invoices and credit notes together, newest first, filtered, in pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.models import CreditNote, Invoice, InvoiceLine, Payment
from keywright_portal.billing.selectors import invoice_for
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BATCH: Final = 100
"""Documents read at once where all of them are wanted: memory stays the same however many there are."""


Key = tuple[uuid.UUID, datetime, bool, int]
"""Of a document: its key, when it was issued, whether it is an invoice, and how many the filter lets through."""


class Shown(StrEnum):
    """Which of them: all, invoices that are owed, invoices that are paid, credit notes."""

    ALL = "all"
    DUE = "due"
    PAID = "paid"
    CREDITED = "credited"


class State(StrEnum):
    """How it stands with a document: an invoice's state today, or that it is a credit note."""

    DUE = "due"
    OVERDUE = "overdue"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter. `year` is of UTC; `text` is looked for in numbers, the purchase order and what was bought."""

    shown: Shown = Shown.ALL
    year: int | None = None
    text: str = ""

    @property
    def is_everything(self) -> bool:
        return self == Wanted()


class BilledInvoice(Invoice):
    """An invoice with what was `credited` of it. For types alone: nothing makes one."""

    credited: int

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of documents, without their PDFs, invoices with lines and payments. `count` is of all pages."""

    number: int
    count: int
    documents: Sequence[BilledInvoice | CreditNote]


@dataclass(frozen=True, slots=True)
class History:
    """What the filter lets through. It is read in pieces; nothing is read before."""

    organization_id: uuid.UUID
    wanted: Wanted

    def count(self) -> int:
        return self._keys().count()

    def page(self, number: int, *, size: int) -> Page:
        """Page `number` of them; the last one where there is no such page."""
        keys = list(self._keys(counted=True)[(number - 1) * size : number * size])
        if not keys and number > 1 and (count := self.count()):
            return self.page(-(-count // size), size=size)
        return Page(number=number, count=keys[0][-1] if keys else 0, documents=_rows(keys))

    def all(self) -> Iterator[BilledInvoice | CreditNote]:
        """All of them, without their PDFs. Which they are is settled at the beginning."""
        keys = list(self._keys())
        for start in range(0, len(keys), BATCH):
            yield from _rows(keys[start : start + BATCH])

    def pdfs(self) -> Iterator[tuple[str, datetime, bytes]]:
        """Number, instant of issue and bytes of each, one at a time."""
        for key, _at, is_invoice, _count in list(self._keys()):
            model: type[Invoice | CreditNote] = Invoice if is_invoice else CreditNote
            number, issued_at, pdf = model._default_manager.values_list("number", "issued_at", "pdf").get(pk=key)  # noqa: SLF001 (Django's documented way to a class's manager)
            yield number, issued_at, bytes(pdf)

    def _keys(self, *, counted: bool = False) -> QuerySet[Any, Key]:
        """In the order of the list. Where they are to be `counted`, each has how many there are, in the same query."""
        kinds: list[tuple[QuerySet[Any], bool]] = []
        if self.wanted.shown is not Shown.CREDITED:
            kinds.append((self._invoices(), True))
        if self.wanted.shown in (Shown.ALL, Shown.CREDITED):
            kinds.append((self._credit_notes(), False))
        count = sum((_count(rows) for rows, _is_invoice in kinds), start=Value(0)) if counted else Value(0)
        first, *others = [_keyed(rows, is_invoice=is_invoice, count=count) for rows, is_invoice in kinds]
        keys = first.union(*others, all=True) if others else first
        return keys.order_by("-issued_at", "-pk")

    def _invoices(self) -> QuerySet[Invoice]:
        rows = Invoice.objects.filter(organization_id=self.organization_id, **_of_year(self.wanted.year))
        if self.wanted.shown is Shown.DUE:
            rows = _owed(rows)
        elif self.wanted.shown is Shown.PAID:
            rows = rows.filter(paid_at__isnull=False)
        if text := self.wanted.text:
            described = Exists(InvoiceLine.objects.filter(invoice=OuterRef("pk"), description__icontains=text))
            rows = rows.filter(
                Q(number__icontains=text)
                | Q(order_number__icontains=text)
                | Q(purchase_order__icontains=text)
                | described
            )
        return rows

    def _credit_notes(self) -> QuerySet[CreditNote]:
        rows = CreditNote.objects.filter(organization_id=self.organization_id, **_of_year(self.wanted.year))
        if text := self.wanted.text:
            rows = rows.filter(
                Q(number__icontains=text)
                | Q(reason__icontains=text)
                | Q(invoice__number__icontains=text)
                | Q(invoice__order_number__icontains=text)
                | Q(invoice__purchase_order__icontains=text)
            )
        return rows


def state_of(document: BilledInvoice | CreditNote, *, now: datetime) -> State:
    """An invoice that was taken back before anybody paid it is cancelled; one that was paid stays so."""
    if isinstance(document, CreditNote):
        return State.CREDITED
    if document.paid_at is not None:
        return State.PAID
    if document.credited >= document.gross:
        return State.CANCELLED
    return State.OVERDUE if document.due_at < now else State.DUE


def history_for(*, actor: Actor, wanted: Wanted) -> History:
    """The organization's, for who may read its bills."""
    actor.require(Permission.BILLING_READ)
    return History(actor.own_organization_id, wanted)


def owed_by(*, actor: Actor) -> QuerySet[Any]:
    """The organization's invoices that are owed, the first due in front, each with what is `left` of it, no PDFs."""
    actor.require(Permission.BILLING_READ)
    rows = _owed(Invoice.objects.filter(organization_id=actor.own_organization_id))
    paid = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    return (
        rows.annotate(left=F("gross") - F("credited") - _sum_of(paid, "amount")).defer("pdf").order_by("due_at", "pk")
    )


def credit_note_for(*, actor: Actor, credit_note_id: uuid.UUID) -> CreditNote:
    """One credit note with its PDF. Another organization's is not found."""
    actor.require(Permission.BILLING_READ)
    note = CreditNote.objects.filter(pk=credit_note_id, organization_id=actor.own_organization_id).first()
    if note is None:
        raise NotFoundError(_("There is no such credit note here. Yours are listed under Billing history."))
    return note


def payment_for(*, actor: Actor, invoice_id: uuid.UUID, position: int) -> Payment:
    """The invoice's payment with that number. Another organization's is not found."""
    invoice = invoice_for(actor=actor, invoice_id=invoice_id)
    payment = invoice.payments.filter(position=position).first()
    if payment is None:
        raise NotFoundError(_("There is no such payment here. Your payments are listed under Billing history."))
    payment.invoice = invoice
    return payment


def _rows(keys: Sequence[Key]) -> Sequence[BilledInvoice | CreditNote]:
    invoices = [key for key, _at, is_invoice, _count in keys if is_invoice]
    notes = [key for key, _at, is_invoice, _count in keys if not is_invoice]
    found: dict[uuid.UUID, Any] = {row.pk: row for row in _with_credited(Invoice.objects.filter(pk__in=invoices))}
    if notes:
        rows = CreditNote.objects.filter(pk__in=notes).select_related("invoice").defer("pdf", "invoice__pdf")
        found |= {row.pk: row for row in rows}
    return [found[key] for key, _at, _is_invoice, _count in keys]


def _with_credited(rows: QuerySet[Invoice]) -> QuerySet[Any]:
    return rows.defer("pdf").annotate(credited=_credited()).prefetch_related("lines", "payments")


def _owed(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Not paid, and not taken back in whole."""
    return rows.filter(paid_at=None).annotate(credited=_credited()).filter(credited__lt=F("gross"))


def _credited() -> Coalesce:
    return _sum_of(CreditNote.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice"), "gross")


def _sum_of(grouped: QuerySet[Any, Any], amount: str) -> Coalesce:
    summed = Subquery(grouped.annotate(total=Sum(amount)).values("total"))
    return Coalesce(summed, 0, output_field=BigIntegerField())


def _keyed(rows: QuerySet[Any], *, is_invoice: bool, count: Combinable) -> QuerySet[Any, Key]:
    keyed: QuerySet[Any, Key] = (
        rows.order_by()
        .annotate(is_invoice=Value(is_invoice), count=ExpressionWrapper(count, output_field=BigIntegerField()))
        .values_list("pk", "issued_at", "is_invoice", "count")
    )
    return keyed


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many rows there are, as a part of another query."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0, output_field=BigIntegerField())


def _of_year(year: int | None) -> dict[str, datetime]:
    if year is None:
        return {}
    return {
        "issued_at__gte": datetime(year, 1, 1, tzinfo=UTC),
        "issued_at__lt": datetime(year + 1, 1, 1, tzinfo=UTC),
    }
