"""What the rows themselves tell of what happened: it is there even where nothing was audited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.models import BankTransfer, CreditNote, Dispute, Invoice, Payment, Refund
from keywright_portal.billing.words import money_in_words
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import PaymentAttempt, PaymentProblem
from keywright_portal.support.models import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from keywright_portal.backoffice.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that belongs to what was asked for."""

    kind: str
    name: str
    model: type[Model]
    key: object

    @property
    def url(self) -> str:
        return detail_url(self.model, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened. `detail` says more where there is more to say; `by` names who did it."""

    at: datetime
    kind: str
    what: str
    model: type[Model]
    key: object
    detail: str = ""
    by: str = ""

    @property
    def url(self) -> str:
        return detail_url(self.model, self.key)


def told_by_rows(scope: Scope) -> Iterator[Moment]:
    yield from _of_orders(scope)
    yield from _of_invoices(scope)
    yield from _of_money_back(scope)
    for file in scope.files:
        yield Moment(at=file.issued_at, kind=_("License file"), what=file.name, model=LicenseFile, key=file.pk)


def _of_orders(scope: Scope) -> Iterator[Moment]:
    numbers = {order.pk: order.number for order in scope.orders}
    for attempt in scope.attempts:
        yield Moment(
            at=attempt.created_at,
            kind=_("Attempt to pay"),
            what=attempt.intent_id or _("not at the provider yet"),
            detail=_("%(order)s, attempt %(number)s: %(amount)s")
            % {
                "order": numbers.get(attempt.order_id, ""),
                "number": attempt.number,
                "amount": money_in_words(attempt.amount, attempt.currency),
            },
            model=PaymentAttempt,
            key=attempt.pk,
        )
    for problem in scope.problems:
        yield Moment(
            at=problem.occurred_at,
            kind=_("Payment problem"),
            what=problem.reference,
            detail=f"{problem.code}: {problem.provider_message}" if problem.provider_message else problem.code,
            model=PaymentProblem,
            key=problem.pk,
        )
    for ticket in scope.tickets:
        quotes = _("quotes %(reference)s") % {"reference": ticket.quoted_reference}
        yield Moment(
            at=ticket.created_at,
            kind=_("Ticket"),
            what=f"{ticket.number}: {ticket.get_topic_display()}",
            detail=quotes if ticket.quoted_reference else "",
            by=ticket.email,
            model=Ticket,
            key=ticket.pk,
        )


def _of_invoices(scope: Scope) -> Iterator[Moment]:
    for invoice in scope.invoices:
        yield Moment(
            at=invoice.issued_at,
            kind=_("Invoice"),
            what=invoice.number,
            detail=money_in_words(invoice.gross, invoice.currency),
            model=Invoice,
            key=invoice.pk,
        )
    for payment in scope.payments:
        yield Moment(
            at=payment.received_at,
            kind=_("Payment"),
            what=payment.provider_payment_id,
            detail=money_in_words(payment.amount, payment.currency),
            model=Payment,
            key=payment.pk,
        )
    for transfer in scope.transfers:
        words = {"amount": money_in_words(transfer.amount, transfer.currency), "text": transfer.reference_text}
        yield Moment(
            at=transfer.created_at,
            kind=_("Bank transfer"),
            what=transfer.bank_reference,
            detail=_("%(amount)s: %(text)s") % words if transfer.reference_text else words["amount"],
            model=BankTransfer,
            key=transfer.pk,
        )


def _of_money_back(scope: Scope) -> Iterator[Moment]:
    for refund in scope.refunds:
        amount = money_in_words(refund.amount, refund.currency)
        yield Moment(
            at=refund.requested_at, kind=_("Refund"), what=_("requested"), detail=amount, model=Refund, key=refund.pk
        )
        if refund.settled_at is not None:
            yield Moment(
                at=refund.settled_at,
                kind=_("Refund"),
                what=refund.get_state_display().lower(),
                detail=f"{amount} {refund.failure}".strip(),
                model=Refund,
                key=refund.pk,
            )
    for dispute in scope.disputes:
        amount = money_in_words(dispute.amount, dispute.currency)
        yield Moment(
            at=dispute.opened_at,
            kind=_("Dispute"),
            what=_("opened"),
            detail=f"{amount} {dispute.reason}".strip(),
            model=Dispute,
            key=dispute.pk,
        )
        if dispute.closed_at is not None:
            yield Moment(
                at=dispute.closed_at,
                kind=_("Dispute"),
                what=dispute.get_state_display().lower(),
                detail=amount,
                model=Dispute,
                key=dispute.pk,
            )
    for note in scope.credit_notes:
        yield Moment(
            at=note.issued_at,
            kind=_("Credit note"),
            what=note.number,
            detail=money_in_words(note.gross, note.currency),
            model=CreditNote,
            key=note.pk,
        )
