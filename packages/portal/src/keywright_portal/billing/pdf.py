"""Documents as PDFs, typeset by typst from our template with our fonts. The same rows give the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from keywright_portal.billing import wording
from keywright_portal.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Payment

if TYPE_CHECKING:
    from datetime import datetime

    import typst

HERE: Final = Path(__file__).parent
TEMPLATE: Final = HERE / "document.typ"
FONTS: Final = HERE / "fonts"
LONGEST_WORD: Final = 24
"""Characters above which a word is broken where it has to be: no column is sure to hold more."""
BROKEN_AFTER: Final = 12
_WORD: Final = re.compile(r"\S+")
_PART: Final = re.compile(rf"(\S{{{BROKEN_AFTER}}})(?=\S)")
_compiling: Final = Lock()


@cache
def compiler() -> typst.Compiler:
    """One compiler a process: it keeps the fonts, and a page then takes milliseconds. One compilation at a time."""
    import typst  # noqa: PLC0415 (the compiler is large, and most processes typeset nothing)

    return typst.Compiler(input=str(TEMPLATE), ignore_system_fonts=True, font_paths=[str(FONTS)])


def typeset_invoice(*, invoice: Invoice, lines: Sequence[InvoiceLine], payment: Payment | None) -> bytes:
    """The invoice. `payment` is the one that came with it, None where it is awaited."""
    return _typeset(wording.invoice(invoice, lines, payment), at=invoice.issued_at)


def typeset_credit_note(*, note: CreditNote, invoice: Invoice, lines: Sequence[CreditNoteLine]) -> bytes:
    return _typeset(wording.credit_note(note, invoice, lines), at=note.issued_at)


def typeset_receipt(*, payment: Payment, number: str, paid_before: int, credited_before: int) -> bytes:
    """What one payment paid of its invoice, and what was still due after it."""
    document = wording.receipt(payment, number=number, paid_before=paid_before, credited_before=credited_before)
    return _typeset(document, at=payment.received_at)


def as_input(document: wording.Document) -> str:
    """The document as the template reads it. A word too long for a column gets places to break."""
    return json.dumps(_breakable(document), ensure_ascii=False)


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return _WORD.sub(lambda word: _broken(word.group()), value) if len(value) > LONGEST_WORD else value
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable(one) for one in value]
    return value


def _broken(word: str) -> str:
    return _PART.sub("\\1\u200b", word) if len(word) > LONGEST_WORD else word


def _typeset(document: wording.Document, *, at: datetime) -> bytes:
    """The PDF's bytes. `at` is its timestamp, so that typesetting it again gives the same bytes."""
    with _compiling:
        pdf = compiler().compile(
            format="pdf", sys_inputs={"document": as_input(document)}, timestamp=int(at.timestamp())
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst answered with pages where one document was asked for")
    return pdf
