"""Payouts of a month against invoices: what the provider paid into the bank, and which invoice each part of it is of.

The provider is asked first and in whole, so that a file is never cut short by an answer that didn't come. A card
payment of the month that is in no payout of the month is listed too: it arrives with a later one, or never did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from keywright_portal.backoffice.amounts import decimal_of
from keywright_portal.billing.models import CreditNote, Payment, PaymentMethod
from keywright_portal.billing.words import money_in_words

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from keywright_portal.backoffice.reports.month import Month
    from keywright_portal.kit.spreadsheet import Cell
    from keywright_portal.payments.gateway import PaymentGateway, PayoutEntry

AT_ONCE: Final = 500
"""Payments looked up in one query: well below the number of values that any database takes."""
ARRIVALS: Final = frozenset({"charge", "payment"})
"""The provider's words for the movement by which a payment arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A movement of a payout with the payment that it is of, if that is one of ours, and what took it back."""

    entry: PayoutEntry
    payment: Payment | None
    credit_note: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payouts:
    """Of a month: the movements, and the card payments that are in none of them."""

    matched: tuple[Matched, ...]
    missing: tuple[Payment, ...]


def payouts_of(month: Month, *, gateway: PaymentGateway) -> Payouts:
    """Ask the provider, and look up what its movements are of. Raises GatewayError. No transaction may be open."""
    entries = list(gateway.payout_entries(since=month.since, until=month.until))
    payments = _payments(entry.intent_id for entry in entries)
    notes = _credit_notes([payment.pk for payment in payments.values()])
    matched = tuple(_match(entry, payment=payments.get(entry.intent_id), notes=notes) for entry in entries)
    arrived = {one.payment.pk for one in matched if one.payment is not None and one.entry.kind in ARRIVALS}
    received = _with_invoices(
        Payment.objects.filter(
            method=PaymentMethod.CARD, received_at__gte=month.begins, received_at__lt=month.ends
        ).order_by("received_at", "pk")
    )
    return Payouts(matched=matched, missing=tuple(payment for payment in received if payment.pk not in arrived))


def _with_invoices(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    return payments.select_related("invoice__organization").defer("invoice__pdf")


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _payments(intent_ids: Iterable[str]) -> dict[str, Payment]:
    found: dict[str, Payment] = {}
    for some in _chunks(sorted({intent_id for intent_id in intent_ids if intent_id})):
        payments = _with_invoices(Payment.objects.filter(provider_payment_id__in=some))
        found |= {payment.provider_payment_id: payment for payment in payments}
    return found


def _credit_notes(payment_ids: Iterable[UUID]) -> dict[tuple[UUID, int], list[str]]:
    """The numbers of credit notes by the payment and the amount that went back, in the order of issue."""
    found: dict[tuple[UUID, int], list[str]] = defaultdict(list)
    for some in _chunks(sorted(map(str, payment_ids))):
        of_payments = CreditNote.objects.filter(Q(refund__payment__in=some) | Q(dispute__payment__in=some))
        for note in of_payments.defer("pdf").select_related("refund", "dispute").order_by("issued_at", "number"):
            cause = note.refund if hasattr(note, "refund") else note.dispute
            found[(cause.payment_id, cause.amount)].append(note.number)
    return found


def _match(entry: PayoutEntry, *, payment: Payment | None, notes: dict[tuple[UUID, int], list[str]]) -> Matched:
    note = remark = ""
    if payment is None:
        remark = _("Of no invoice here") if entry.intent_id else ""
    elif entry.gross.amount < 0:
        of_it = notes.get((payment.pk, -entry.gross.amount))
        note = of_it.pop(0) if of_it else ""
    elif entry.kind in ARRIVALS and entry.gross.currency == payment.currency and entry.gross != payment.total:
        remark = _("The payment is %(amount)s here") % {"amount": money_in_words(payment.amount, payment.currency)}
    return Matched(entry=entry, payment=payment, credit_note=note, remark=remark)


def headers() -> Sequence[str]:
    return (
        _("Payout"),
        _("Arrives on"),
        _("Movement"),
        _("Kind"),
        _("Currency"),
        _("Gross"),
        _("Fee"),
        _("Net"),
        _("Payment at the provider"),
        _("Invoice"),
        _("Organization"),
        _("Credit note"),
        _("Payment’s currency"),
        _("Payment’s amount"),
        _("Remark"),
    )


def rows(payouts: Payouts) -> Iterator[Sequence[Cell]]:
    """A row a movement, payout by payout; then the payments that are in none."""
    for one in payouts.matched:
        entry = one.entry
        yield (
            entry.payout_id,
            entry.arrives_on,
            entry.entry_id,
            entry.kind,
            entry.net.currency,
            decimal_of(entry.gross),
            decimal_of(entry.fee),
            decimal_of(entry.net),
            entry.intent_id,
            *_of_payment(one.payment, credit_note=one.credit_note),
            one.remark,
        )
    for payment in payouts.missing:
        yield (
            *[None] * 8,
            payment.provider_payment_id,
            *_of_payment(payment, credit_note=""),
            _("In no payout of this month"),
        )


def _of_payment(payment: Payment | None, *, credit_note: str) -> tuple[Cell, ...]:
    if payment is None:
        return (None, None, credit_note, None, None)
    invoice = payment.invoice
    return (
        invoice.number,
        invoice.organization.name,
        credit_note,
        payment.currency,
        decimal_of(payment.total),
    )
