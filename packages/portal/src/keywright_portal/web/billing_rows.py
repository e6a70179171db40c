"""Invoices and credit notes as Billing history shows them: what for, in which state, paid how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_look import dates
from keywright_portal.billing.history import State, state_of
from keywright_portal.billing.models import CreditNote, Invoice, PaymentMethod
from keywright_portal.billing.words import card_in_words, money_in_words

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_portal.billing.history import BilledInvoice
    from keywright_portal.billing.models import Payment
    from keywright_portal.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingRow:
    """A line of the table. `kind` is the colour of the `state`, `how` what else is to say of it."""

    document: Invoice | CreditNote
    is_invoice: bool
    what: str
    more: str
    state: str
    kind: str
    how: str
    amount: Money
    payments: Sequence[Payment] = ()


def billing_row(document: BilledInvoice | CreditNote, *, now: datetime) -> BillingRow:
    return _credit_note(document, now=now) if isinstance(document, CreditNote) else _invoice(document, now=now)


def what_for(invoice: Invoice) -> str:
    """Such as `Enterprise Edition E20, 200 users`."""
    first = next(iter(invoice.lines.all()))
    users = ngettext("%(count)s user", "%(count)s users", first.quantity) % {"count": f"{first.quantity:,}"}
    return _("%(item)s, %(users)s") % {"item": first.description, "users": users}


def how_paid(payment: Payment) -> str:
    """Such as `Visa 4242` or `Bank transfer`."""
    if payment.method == PaymentMethod.TRANSFER:
        return _("Bank transfer")
    return f"{card_in_words(payment.card_brand)} {payment.card_last4}" if payment.card_last4 else _("Card")


def _words(document: BilledInvoice | CreditNote, *, now: datetime) -> tuple[str, str]:
    """The state in words, and the colour of it."""
    match state_of(document, now=now):
        case State.PAID:
            return _("Paid"), "good"
        case State.CANCELLED:
            return _("Cancelled"), "info"
        case State.CREDITED:
            return _("Credited"), "info"
        case State.OVERDUE:
            return _("Overdue"), "bad"
        case State.DUE:
            due_at = cast("BilledInvoice", document).due_at
            return _("Due %(day)s") % {"day": dates.short_date(due_at)}, "warn"


def _invoice(invoice: BilledInvoice, *, now: datetime) -> BillingRow:
    payments = list(invoice.payments.all())
    state, kind = _words(invoice, now=now)
    others = [line.description for line in invoice.lines.all()][1:]
    return BillingRow(
        document=invoice,
        is_invoice=True,
        what=what_for(invoice),
        more=_("with %(items)s") % {"items": ", ".join(others)} if others else "",
        state=state,
        kind=kind,
        how=_how(invoice, payments),
        amount=invoice.total,
        payments=payments,
    )


def _how(invoice: BilledInvoice, payments: Sequence[Payment]) -> str:
    if invoice.paid_at is not None:
        return ", ".join(dict.fromkeys(how_paid(payment) for payment in payments))
    if received := sum(payment.amount for payment in payments):
        return _("%(sum)s received") % {"sum": money_in_words(received, invoice.currency)}
    return ""


def _credit_note(note: CreditNote, *, now: datetime) -> BillingRow:
    state, kind = _words(note, now=now)
    return BillingRow(
        document=note,
        is_invoice=False,
        what=note.reason or _("Credit note"),
        more=_("On %(number)s") % {"number": note.invoice.number},
        state=state,
        kind=kind,
        how="",
        amount=note.total * -1,
    )
