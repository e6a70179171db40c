from __future__ import annotations

import os
import subprocess
import sys

import pytest

from invoicing import BUYER, SELLER, line, text_of
from keywright_portal.billing import pdf
from keywright_portal.billing.pdf import typeset_invoice
from racing import AT_ONCE, at_once

pytestmark = pytest.mark.django_db


def again(invoice):
    return typeset_invoice(invoice=invoice, lines=list(invoice.lines.all()), payment=invoice.payments.first())


def test_it_says_who_owes_whom_what_and_why(issue):
    invoice = issue(line(200, 10_200), line(200, 2_040, description="Premier Support"), purchase_order="PO-7")
    text = " ".join(text_of(invoice.pdf).split())
    for part in (
        "INV-2026-0001",
        "ORD-2222-3333",
        "PO-7",
        "12 March 2026",
        "11 April 2026",
        "$20,400.00",
        "$4,080.00",
        "$24,480.00",
        "Brightwater Logistics GmbH",
        "20457 Hamburg",
        "Example Software GmbH",
        "Premier Support",
        "billing@example-software.example",
    ):
        assert part in text


def test_a_paid_one_says_that_nothing_is_due(issue):
    text = " ".join(text_of(issue(paid=True).pdf).split())
    assert "Paid $20,400.00 on 12 March 2026 by card, Visa ending 4242. Nothing is due." in text
    assert "Due" not in text


def test_the_same_invoice_gives_the_same_bytes(issue):
    invoice = issue(paid=True)
    assert again(invoice) == invoice.pdf == again(invoice)


def test_another_process_gives_the_same_bytes(issue, tmp_path):
    """On another day, in another time zone, with nothing cached."""
    invoice = issue()
    data = tmp_path / "data.json"
    data.write_text(pdf.json.dumps(pdf._data(invoice, list(invoice.lines.all()), None)))
    program = (
        "import sys, typst, pathlib\n"
        "compiler = typst.Compiler(input=sys.argv[1], ignore_system_fonts=True)\n"
        "given = pathlib.Path(sys.argv[2]).read_text()\n"
        "made = compiler.compile(format='pdf', sys_inputs={'invoice': given}, timestamp=int(sys.argv[3]))\n"
        "sys.stdout.buffer.write(made)"
    )
    arguments = [str(pdf.TEMPLATE), str(data), str(int(invoice.issued_at.timestamp()))]
    made = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "TZ": "Pacific/Auckland"},
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert made == invoice.pdf


def test_typesetting_at_once_mixes_nothing_up(issue):
    invoices = [issue() for _ in range(AT_ONCE)]
    rows = [list(invoice.lines.all()) for invoice in invoices]
    made = at_once(
        [
            lambda invoice=invoice, lines=lines: typeset_invoice(invoice=invoice, lines=lines, payment=None)
            for invoice, lines in zip(invoices, rows, strict=True)
        ]
    )
    assert made == [invoice.pdf for invoice in invoices]


@pytest.mark.parametrize(
    "name",
    [
        '#panic("no") *bold* _under_ `raw` $x$ <label> @ref = Heading',
        '\\ \\u{1F4A9} #let x = 1; #include "/etc/passwd" // /* comment',
        "- list\n+ item\n/ term: x",
        '"; quote \' }]) {"json": true}',
        "مياه مشرقة للخدمات اللوجستية",
        "שלום עולם בע״מ",
        "明るい水物流株式会社",
        "Fröhliche Wässer 🌊🚚👩‍👩‍👧‍👦",
        "A\u202eevil\u202c\u200b\u00ad\ufeffB",
        "x" * 200,
        "W " * 100,
        "",
    ],
)
def test_no_name_breaks_the_typesetter(issue, name):
    """What people wrote comes in as data: nothing in it is markup, whatever it looks like."""
    invoice = issue(
        line(description=name[:200]),
        buyer={"name": name, "lines": [name, name]},
        seller={**SELLER, "name": name, "legal_name": name, "footer": name},
        purchase_order=name[:60],
        order_number=name[:20],
    )
    assert invoice.pdf.startswith(b"%PDF-")
    assert "INV-2026-0001" in text_of(invoice.pdf)


def test_markup_is_shown_as_it_was_written(issue):
    text = text_of(issue(buyer={**BUYER, "name": '#panic("no") *bold* $x$ \\ <b>'}).pdf)
    assert '#panic("no") *bold* $x$ \\ <b>' in text


def test_many_lines_go_on_to_the_next_page(issue):
    text = text_of(issue(*[line(number + 1, 100, description=f"Position {number}") for number in range(80)]).pdf)
    assert "Position 0" in text
    assert "Position 79" in text
    assert "2 / 5" in text
