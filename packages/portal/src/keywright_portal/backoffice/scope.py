"""What hangs together with something that somebody quotes: a reference, a number, an id, an email address.

A problem leads to its order, an order to its invoice, its payments and the licenses of its subscription, a ticket to
what it quotes. An organization or a person leads no further: what happened to them is told by the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from django.db.models import Model, Q

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.page import as_uuid
from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    Dispute,
    Invoice,
    PayerAccount,
    Payment,
    Refund,
)
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order, PaymentAttempt, PaymentProblem
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.subscriptions.models import Subscription
from keywright_portal.support.models import Ticket

if TYPE_CHECKING:
    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)
LONGEST: Final = 254
"""Characters of what is asked for: an email address's, the longest of what can be found."""
MOST_OF_A_KIND: Final = 100
"""Rows of each kind, the newest: more than any purchase leaves, and a page stays readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The rows that belong together. What was quoted itself is `asked`, without the blanks around it."""

    asked: str
    asked_id: UUID | None
    organizations: tuple[Organization, ...]
    users: tuple[User, ...]
    tickets: tuple[Ticket, ...]
    orders: tuple[Order, ...]
    problems: tuple[PaymentProblem, ...]
    attempts: tuple[PaymentAttempt, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    transfers: tuple[BankTransfer, ...]
    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]
    credit_notes: tuple[CreditNote, ...]
    subscriptions: tuple[Subscription, ...]
    files: tuple[LicenseFile, ...]
    object_ids: frozenset[str]

    def subject_ids(self) -> set[str]:
        """The rows as the audit trail names its subjects."""
        rows: tuple[Model, ...] = (
            *self.organizations,
            *self.users,
            *self.tickets,
            *self.orders,
            *self.invoices,
            *self.payments,
            *self.transfers,
            *self.refunds,
            *self.disputes,
            *self.credit_notes,
            *self.subscriptions,
        )
        keys = {str(row.pk) for row in rows}
        keys |= {str(key) for file in self.files for key in (file.license_id, file.license.term_id, file.file_id)}
        return keys | {self.asked} | ({str(self.asked_id)} if self.asked_id is not None else set())

    def references(self) -> set[str]:
        """What customers quote of it."""
        found = {problem.reference for problem in self.problems} | {ticket.number for ticket in self.tickets}
        for rows in (self.orders, self.invoices, self.credit_notes):
            found |= {row.number for row in rows}
        return found | {self.asked, self.asked.upper()}


def scope_of(text: str) -> Scope | None:
    """What belongs to `text`; None where nothing that could be quoted is in it. A fixed number of queries."""
    asked = "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST]
    if not asked:
        return None
    wanted = as_uuid(asked)
    upper = asked.upper()

    tickets = _newest(
        Ticket.objects.filter(
            Q(number=upper) | Q(quoted_reference__iexact=asked) | Q(email__iexact=asked) | _has_id(wanted, "pk")
        ),
        "created_at",
    )
    quoted = {upper, *(ticket.quoted_reference.upper() for ticket in tickets if ticket.number == upper)}
    events = tuple(ProviderEvent.objects.filter(Q(pk=asked) | Q(object_id=asked))[:MOST_OF_A_KIND])
    object_ids = {asked, *(event.object_id for event in events)}
    invoices = Invoice.objects.filter(
        Q(number__in=quoted)
        | _has_id(wanted, "pk")
        | _paid_by(object_ids, wanted)
        | Q(pk__in=CreditNote.objects.filter(Q(number__in=quoted) | _has_id(wanted, "pk")).values("invoice_id"))
        | Q(pk__in=BankTransfer.objects.filter(Q(bank_reference=asked) | _has_id(wanted, "pk")).values("invoice_id"))
    )
    subscription_ids = set(
        Subscription.objects.filter(
            _has_id(
                wanted,
                "pk",
                "terms__pk",
                "terms__seat_entries__pk",
                "terms__license__pk",
                "terms__license__files__pk",
                "terms__license__files__file_id",
            )
        ).values_list("pk", flat=True)
    )
    order_ids = {
        *PaymentProblem.objects.filter(reference__in=quoted).values_list("order_id", flat=True),
        *PaymentAttempt.objects.filter(Q(intent_id__in=object_ids) | _has_id(wanted, "pk")).values_list(
            "order_id", flat=True
        ),
        *invoices.values_list("order_id", flat=True),
    }
    orders = _newest(
        Order.objects.filter(
            Q(number__in=quoted) | Q(pk__in=order_ids) | Q(subscription_id__in=subscription_ids) | _has_id(wanted, "pk")
        ),
        "created_at",
    )
    return _around(
        asked=asked,
        wanted=wanted,
        tickets=tickets,
        orders=orders,
        subscription_ids=subscription_ids | {order.subscription_id for order in orders if order.subscription_id},
        object_ids=object_ids,
    )


def _around(
    *,
    asked: str,
    wanted: UUID | None,
    tickets: tuple[Ticket, ...],
    orders: tuple[Order, ...],
    subscription_ids: Iterable[UUID],
    object_ids: set[str],
) -> Scope:
    order_ids = [order.pk for order in orders]
    problems = _newest(PaymentProblem.objects.filter(order_id__in=order_ids), "occurred_at")
    attempts = _newest(PaymentAttempt.objects.filter(order_id__in=order_ids), "created_at")
    invoices = _newest(Invoice.objects.filter(order_id__in=order_ids).defer("pdf"), "issued_at")
    of_invoices = [invoice.pk for invoice in invoices]
    payments = _newest(Payment.objects.filter(invoice_id__in=of_invoices), "received_at")
    of_payments = [payment.pk for payment in payments]
    transfers = BankTransfer.objects.filter(
        Q(invoice_id__in=of_invoices) | Q(bank_reference=asked) | _has_id(wanted, "pk")
    )
    refunds = _newest(Refund.objects.filter(payment_id__in=of_payments), "requested_at")
    disputes = _newest(Dispute.objects.filter(payment_id__in=of_payments), "opened_at")
    credit_notes = _newest(CreditNote.objects.filter(invoice_id__in=of_invoices).defer("pdf"), "issued_at")
    subscriptions = _newest(Subscription.objects.filter(pk__in=subscription_ids), "created_at")
    files = _newest(
        LicenseFile.objects.filter(license__term__subscription__in=[one.pk for one in subscriptions])
        .select_related("license")
        .defer("content"),
        "issued_at",
    )
    customers = PayerAccount.objects.filter(provider_customer_id__in=object_ids).values("organization_id")
    of_people = Q(slug=asked.lower()) | Q(name__iexact=asked) | Q(billing_email__iexact=asked) | Q(pk__in=customers)
    organizations = _newest(Organization.objects.filter(of_people | _has_id(wanted, "pk")), "created_at")
    users = _newest(User.objects.filter(Q(email__iexact=asked) | _has_id(wanted, "pk")).defer("password"), "pk")
    quoting = {problem.reference for problem in problems} | {order.number for order in orders}
    quoting |= {invoice.number for invoice in invoices} | {note.number for note in credit_notes}
    known = {ticket.pk: ticket for ticket in tickets}
    known |= {
        ticket.pk: ticket for ticket in _newest(Ticket.objects.filter(quoted_reference__in=quoting), "created_at")
    }
    return Scope(
        asked=asked,
        asked_id=wanted,
        organizations=organizations,
        users=users,
        tickets=tuple(known.values()),
        orders=orders,
        problems=problems,
        attempts=attempts,
        invoices=invoices,
        payments=payments,
        transfers=_newest(transfers, "created_at"),
        refunds=refunds,
        disputes=disputes,
        credit_notes=credit_notes,
        subscriptions=subscriptions,
        files=files,
        object_ids=frozenset(object_ids | _told_of(attempts, refunds, disputes)),
    )


def _told_of(attempts: Iterable[PaymentAttempt], refunds: Iterable[Refund], disputes: Iterable[Dispute]) -> set[str]:
    """The provider's ids of what its events may be about."""
    found = {attempt.intent_id for attempt in attempts} | {refund.provider_refund_id for refund in refunds}
    return {key for key in found if key} | {dispute.provider_dispute_id for dispute in disputes}


def _newest(rows: QuerySet[Row], by: str) -> tuple[Row, ...]:
    return tuple(rows.order_by(f"-{by}", "-pk").distinct()[:MOST_OF_A_KIND])


def _has_id(wanted: UUID | None, *fields: str) -> Q:
    """Rows that carry the id in one of `fields`; none where there is no id."""
    matching = Q(pk__in=())
    for name in fields if wanted is not None else ():
        matching |= Q(**{name: wanted})
    return matching


def _paid_by(object_ids: Iterable[str], wanted: UUID | None) -> Q:
    """Invoices that a payment belongs to."""
    payments = Payment.objects.filter(
        Q(provider_payment_id__in=object_ids)
        | Q(refunds__provider_refund_id__in=object_ids)
        | Q(disputes__provider_dispute_id__in=object_ids)
        | _has_id(wanted, "pk", "refunds__pk", "disputes__pk")
    )
    return Q(pk__in=payments.values("invoice_id"))
