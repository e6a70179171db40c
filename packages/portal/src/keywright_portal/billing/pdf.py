"""The invoice as a PDF, typeset by typst from a template of ours. The same invoice gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from keywright_portal.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Payment
from keywright_portal.billing.words import card_in_words, date_in_words, money_in_words

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = Path(__file__).parent / "invoice.typ"
_compiling: Final = Lock()


@cache
def _compiler() -> typst.Compiler:
    """One compiler a process: it keeps the fonts, and a page then takes 5 ms."""
    import typst  # noqa: PLC0415 (the compiler is large, and most processes typeset nothing)

    return typst.Compiler(input=str(TEMPLATE), ignore_system_fonts=True)


def typeset_invoice(*, invoice: Invoice, lines: Sequence[InvoiceLine], payment: Payment | None) -> bytes:
    """The PDF's bytes. Its timestamp is the invoice's own, so that typesetting it again gives the same bytes."""
    return _typeset(_data(invoice, lines, payment), at=invoice.issued_at)


def typeset_credit_note(*, note: CreditNote, invoice: Invoice, lines: Sequence[CreditNoteLine]) -> bytes:
    """The credit note's bytes, stamped with its own day."""

    def money(amount: int) -> str:
        return money_in_words(-amount, note.currency)

    facts = [
        (_("Credit note"), note.number),
        (_("Date"), date_in_words(note.issued_at)),
        (_("Invoice"), invoice.number),
    ]
    items = [{"name": line.description, "how": note.reason, "amount": money(line.net)} for line in lines]
    totals = [(_("Subtotal"), money(note.net)), (_("Tax"), money(note.tax))]
    data = _frame(_("Credit note"), invoice, facts=facts, lines=items, totals=totals, total=money(note.gross), paid="")
    return _typeset(data, at=note.issued_at)


def typeset_receipt(*, payment: Payment, number: str) -> bytes:
    """The receipt's bytes, stamped with the day of the payment."""
    invoice = payment.invoice
    amount = money_in_words(payment.amount, payment.currency)
    facts = [(_("Receipt"), number), (_("Date"), date_in_words(payment.received_at)), (_("Invoice"), invoice.number)]
    items = [{"name": _("Payment of %(number)s") % {"number": invoice.number}, "how": "", "amount": amount}]
    data = _frame(_("Receipt"), invoice, facts=facts, lines=items, totals=[], total=amount, paid=_paid(payment))
    return _typeset(data, at=payment.received_at)


def _typeset(data: dict[str, object], *, at: datetime) -> bytes:
    with _compiling:
        pdf = _compiler().compile(format="pdf", sys_inputs={"invoice": json.dumps(data)}, timestamp=int(at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError("typst answered with pages where one document was asked for")
    return pdf


def _data(invoice: Invoice, lines: Sequence[InvoiceLine], payment: Payment | None) -> dict[str, object]:
    def money(amount: int) -> str:
        return money_in_words(amount, invoice.currency)

    facts = [
        (_("Invoice"), invoice.number),
        (_("Date"), date_in_words(invoice.issued_at)),
        (_("Order"), invoice.order_number),
    ]
    if invoice.purchase_order:
        facts.append((_("Purchase order"), invoice.purchase_order))
    if payment is None:
        facts.append((_("Due"), date_in_words(invoice.due_at)))
    totals = [(_("Subtotal"), money(invoice.net)), (_("Tax"), money(invoice.tax))]
    items = [{"name": line.description, "how": line.calculation, "amount": money(line.net)} for line in lines]
    paid = "" if payment is None else _paid(payment)
    return _frame(_("Invoice"), invoice, facts=facts, lines=items, totals=totals, total=money(invoice.gross), paid=paid)


def _frame(title: str, invoice: Invoice, **more: object) -> dict[str, object]:
    return {
        "title": title,
        "words": {
            "from": _("From"),
            "to": _("Billed to"),
            "item": _("Item"),
            "amount": _("Amount"),
            "total": _("Total"),
        },
        "seller": invoice.seller,
        "buyer": invoice.buyer,
        "footer": invoice.seller.get("footer", ""),
        **more,
    }


def _paid(payment: Payment) -> str:
    sum_and_day = {
        "sum": money_in_words(payment.amount, payment.currency),
        "day": date_in_words(payment.received_at),
        "brand": card_in_words(payment.card_brand),
        "last4": payment.card_last4,
    }
    if payment.card_last4:
        return _("Paid %(sum)s on %(day)s by card, %(brand)s ending %(last4)s. Nothing is due.") % sum_and_day
    return _("Paid %(sum)s on %(day)s. Nothing is due.") % sum_and_day
