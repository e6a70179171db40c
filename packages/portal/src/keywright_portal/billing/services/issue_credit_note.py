"""Issuing a credit note: what takes an invoice back, in whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Sum
from django.db.models.functions import Coalesce

from keywright_portal.billing.crediting import Creditable, credit_lines
from keywright_portal.billing.errors import CreditExceedsInvoiceError
from keywright_portal.billing.models import CreditNote, CreditNoteLine, CreditNoteNumberSeries, Invoice
from keywright_portal.billing.numbers import take_number
from keywright_portal.billing.pdf import typeset_credit_note
from keywright_portal.kit import audit
from keywright_portal.kit.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keywright_portal.domain.money import Money
    from keywright_portal.kit.actor import Actor

PREFIX: Final = "CN"
"""Credit notes have a series of their own, CN-2026-0001, so that neither series has gaps."""


def issue_credit_note(*, invoice: Invoice, gross: Money, reason: str, actor: Actor, now: datetime) -> CreditNote:
    """One credit note for `gross` of the invoice, spread over its lines, each with its share of tax.

    Runs in the caller's transaction, under the lock of the invoice's row, so that two together never take back more
    than was billed: CreditExceedsInvoiceError. `reason` is printed. Called twice it makes two: the caller keeps what
    caused it.
    """
    invoice = Invoice.objects.select_for_update(of=("self",)).defer("pdf").order_by("pk").get(pk=invoice.pk)
    lines = list(
        invoice.lines.annotate(
            credited_gross=Coalesce(Sum("credits__gross"), 0), credited_tax=Coalesce(Sum("credits__tax"), 0)
        ).order_by("position")
    )
    billed = [
        Creditable(gross=line.gross, tax=line.tax, credited_gross=line.credited_gross, credited_tax=line.credited_tax)
        for line in lines
    ]
    if gross.currency != invoice.currency or not 0 < gross.amount <= sum(line.left for line in billed):
        raise CreditExceedsInvoiceError(invoice.number)
    parts = credit_lines(gross=gross.amount, lines=billed)
    rows = [
        CreditNoteLine(
            position=position,
            invoice_line=line,
            description=line.description,
            net=part.net,
            tax_basis_points=line.tax_basis_points,
            tax=part.tax,
            gross=part.gross,
        )
        for position, (line, part) in enumerate(zip(lines, parts, strict=True), start=1)
        if part.gross or part.tax
    ]
    note = _note(invoice, rows, reason=reason, now=now)
    note.pdf = typeset_credit_note(note=note, invoice=invoice, lines=rows)
    note.save(force_insert=True)
    for row in rows:
        row.credit_note = note
    CreditNoteLine.objects.bulk_create(rows)
    audit.record(
        actor=actor,
        action="credit_note.issued",
        subject=note,
        subject_id=note.pk,
        organization_id=invoice.organization_id,
        now=now,
        after={"number": note.number, "invoice": invoice.number, "gross": note.gross, "currency": note.currency},
    )
    return note


def _note(invoice: Invoice, rows: Sequence[CreditNoteLine], *, reason: str, now: datetime) -> CreditNote:
    return CreditNote(
        pk=uuid7(),
        number=take_number(series=CreditNoteNumberSeries, prefix=PREFIX, year=now.year),
        organization_id=invoice.organization_id,
        invoice=invoice,
        currency=invoice.currency,
        net=sum(row.net for row in rows),
        tax=sum(row.tax for row in rows),
        gross=sum(row.gross for row in rows),
        reason=reason,
        issued_at=now,
    )
