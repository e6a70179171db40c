"""What an invoice, a credit note and a receipt say, word by word, in the language that is active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from keywright_portal.billing.words import card_in_words, date_in_words, money_in_words
from keywright_portal.catalog.vendor import BankDetails

if TYPE_CHECKING:
    from keywright_portal.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Payment

BASIS_POINTS_IN_A_PERCENT: Final = 100
Row = tuple[str, str]


class Item(TypedDict):
    name: str
    details: list[str]
    tax: str
    amount: str


class ToPay(TypedDict):
    heading: str
    rows: list[Row]


class Document(TypedDict):
    """What the template prints. All of it is text."""

    language: str
    title: str
    number: str
    words: dict[str, str]
    seller: dict[str, Any]
    buyer: dict[str, Any]
    facts: list[Row]
    lines: list[Item]
    totals: list[Row]
    total: Row
    notes: list[str]
    pay: ToPay | None
    paid: str
    footer: str


def invoice(row: Invoice, lines: Sequence[InvoiceLine], payment: Payment | None) -> Document:
    """An invoice; `payment` is the one that came with it."""
    facts = [*_facts(row, number=(_("Invoice"), row.number), day=(_("Date"), date_in_words(row.issued_at)))]
    if payment is None:
        facts.append((_("Due"), date_in_words(row.due_at)))
    return _document(
        row,
        title=_("Invoice"),
        number=row.number,
        facts=facts,
        lines=[_billed(row, line) for line in lines],
        totals=_totals(row, lines),
        total=(_("Total"), money_in_words(row.gross, row.currency)),
        notes=[row.tax_note] if row.tax_note else [],
        pay=_transfer(row, row.bank) if payment is None and row.bank else None,
        paid="" if payment is None else _paid(payment),
    )


def credit_note(note: CreditNote, of: Invoice, lines: Sequence[CreditNoteLine]) -> Document:
    """A credit note: what it takes back is negative."""
    facts = _facts(of, number=(_("Credit note"), note.number), day=(_("Date"), date_in_words(note.issued_at)))
    facts.insert(2, (_("Invoice"), of.number))
    facts.insert(3, (_("Invoice date"), date_in_words(of.issued_at)))
    notes = [_("Reason: %(reason)s") % {"reason": note.reason}] if note.reason else []
    return _document(
        of,
        title=_("Credit note"),
        number=note.number,
        facts=facts,
        lines=[
            {
                "name": line.description,
                "details": [],
                "tax": _percent(line.tax_basis_points) if of.tax else "",
                "amount": money_in_words(-(line.gross if of.prices_include_tax else line.net), note.currency),
            }
            for line in lines
        ],
        totals=_totals(of, lines, sign=-1),
        total=(_("Total"), money_in_words(-note.gross, note.currency)),
        notes=[*notes, *([of.tax_note] if of.tax_note else [])],
    )


def receipt(payment: Payment, *, number: str, paid_before: int, credited_before: int) -> Document:
    """A payment's receipt. What came and what was credited before it are minor units of the invoice's currency."""
    of = payment.invoice
    left = max(0, of.gross - credited_before - paid_before - payment.amount)

    def money(amount: int) -> str:
        return money_in_words(amount, payment.currency)

    facts = _facts(of, number=(_("Receipt"), number), day=(_("Paid"), date_in_words(payment.received_at)))
    facts.insert(2, (_("Invoice"), of.number))
    totals = [(_("Total of the invoice"), money(of.gross))]
    if credited_before:
        totals.append((_("Credited"), money(-credited_before)))
    if paid_before:
        totals.append((_("Paid before"), money(-paid_before)))
    totals += [(_("This payment"), money(-payment.amount))]
    return _document(
        of,
        title=_("Receipt"),
        number=number,
        facts=facts,
        lines=[
            {
                "name": _("Payment of invoice %(number)s") % {"number": of.number},
                "details": [_how(payment)],
                "tax": "",
                "amount": money(payment.amount),
            }
        ],
        totals=totals,
        total=(_("Still due"), money(left)),
        paid=_("We received your payment. Thank you.")
        if left
        else _("We received your payment, and nothing is due. Thank you."),
    )


def _document(
    of: Invoice,
    *,
    title: str,
    number: str,
    facts: list[Row],
    lines: list[Item],
    totals: list[Row],
    total: Row,
    notes: Sequence[str] = (),
    pay: ToPay | None = None,
    paid: str = "",
) -> Document:
    return Document(
        language=(get_language() or "en").split("-")[0],
        title=title,
        number=number,
        words={
            "from": _("From"),
            "to": _("Billed to"),
            "item": _("Item"),
            "tax": of.tax_name or _("Tax"),
            "amount": _amount_heading(of),
        },
        seller=_seller(of.seller),
        buyer={"name": of.buyer.get("name", ""), "lines": of.buyer.get("lines", [])},
        facts=facts,
        lines=lines,
        totals=totals,
        total=total,
        notes=list(notes),
        pay=pay,
        paid=paid,
        footer=of.seller.get("footer", ""),
    )


def _amount_heading(of: Invoice) -> str:
    if of.prices_include_tax and of.tax:
        return _("Amount with %(tax)s") % {"tax": of.tax_name or _("tax")}
    return _("Amount")


def _seller(seller: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": seller["name"], "legal_name": seller["legal_name"], "lines": seller["lines"]}


def _facts(of: Invoice, *, number: Row, day: Row) -> list[Row]:
    facts = [number, day, (_("Order"), of.order_number)]
    if of.purchase_order:
        facts.append((_("Purchase order"), of.purchase_order))
    return facts


def _billed(of: Invoice, line: InvoiceLine) -> Item:
    details = [line.calculation] if line.calculation else []
    if line.discount:
        off = money_in_words(-line.discount, of.currency)
        details.append(_("Discount %(amount)s") % {"amount": off})
    return {
        "name": line.description,
        "details": details,
        "tax": _percent(line.tax_basis_points) if of.tax else "",
        "amount": money_in_words(line.gross if of.prices_include_tax else line.net, of.currency),
    }


def _totals(of: Invoice, lines: Sequence[InvoiceLine | CreditNoteLine], *, sign: int = 1) -> list[Row]:
    """The net, and a row for each rate of tax with what it is reckoned on."""
    net = sign * sum(line.net for line in lines)
    rows = [(_("Net amount") if of.prices_include_tax else _("Subtotal"), money_in_words(net, of.currency))]
    name = of.tax_name or _("Tax")
    for rate in sorted({line.tax_basis_points for line in lines if line.tax_basis_points}, reverse=True):
        taxed = [line for line in lines if line.tax_basis_points == rate]
        on = money_in_words(sign * sum(line.net for line in taxed), of.currency)
        label = _("%(tax)s %(percent)s on %(amount)s") % {"tax": name, "percent": _percent(rate), "amount": on}
        rows.append((label, money_in_words(sign * sum(line.tax for line in taxed), of.currency)))
    if len(rows) == 1:
        rows.append((name, money_in_words(0, of.currency)))
    return rows


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, BASIS_POINTS_IN_A_PERCENT)
    digits = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{digits}%"


def _transfer(of: Invoice, to: Mapping[str, str]) -> ToPay:
    bank = BankDetails(**to)
    asked = {"sum": money_in_words(of.gross, of.currency), "day": date_in_words(of.due_at)}
    return {
        "heading": _("Please transfer %(sum)s by %(day)s") % asked,
        "rows": [
            (_("Account holder"), bank.account_holder),
            (_("IBAN"), bank.iban_in_groups),
            (_("BIC"), bank.bic),
            (_("Bank"), bank.bank),
            (_("Reference"), of.number),
        ],
    }


def _how(payment: Payment) -> str:
    if payment.method == "transfer":
        return _("By bank transfer")
    if payment.card_last4:
        card = {"brand": card_in_words(payment.card_brand), "last4": payment.card_last4}
        return _("By card, %(brand)s ending %(last4)s") % card
    return _("By card")


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
