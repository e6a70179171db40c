from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from invoicing import BANK, BUYER, SELLER, fonts_of, line, text_of, words
from keywright_portal.billing import pdf, wording
from keywright_portal.billing.pdf import typeset_invoice
from racing import AT_ONCE, at_once

pytestmark = pytest.mark.django_db


def again(invoice):
    return typeset_invoice(invoice=invoice, lines=list(invoice.lines.all()), payment=invoice.payments.first())


def test_it_says_who_owes_whom_what_and_why(issue):
    invoice = issue(line(200, 10_200), line(200, 2_040, description="Premier Support"), purchase_order="PO-7")
    text = words(invoice.pdf)
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
    text = words(issue(paid=True).pdf)
    assert "Paid $20,400.00 on 12 March 2026 by card, Visa ending 4242. Nothing is due." in text
    assert "Due" not in text


def test_the_same_invoice_gives_the_same_bytes(issue):
    invoice = issue(paid=True)
    assert again(invoice) == invoice.pdf == again(invoice)


def test_another_process_gives_the_same_bytes(issue, tmp_path):
    """On another day, in another time zone, with nothing cached."""
    invoice = issue(buyer={**BUYER, "name": "明るい水物流 شركة المياه"})
    data = tmp_path / "data.json"
    data.write_text(pdf.as_input(wording.invoice(invoice, list(invoice.lines.all()), None)))
    program = (
        "import sys, typst, pathlib\n"
        "compiler = typst.Compiler(input=sys.argv[1], ignore_system_fonts=True, font_paths=[sys.argv[2]])\n"
        "given = pathlib.Path(sys.argv[3]).read_text()\n"
        "made = compiler.compile(format='pdf', sys_inputs={'document': given}, timestamp=int(sys.argv[4]))\n"
        "sys.stdout.buffer.write(made)"
    )
    arguments = [str(pdf.TEMPLATE), str(pdf.FONTS), str(data), str(int(invoice.issued_at.timestamp()))]
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
    text = words(issue(buyer={**BUYER, "name": '#panic("no") *bold* $x$ \\ <b>'}).pdf)
    assert '#panic("no") *bold* $x$ \\ <b>' in text


# ---- Tax, discounts, ways to pay -------------------------------------------------------------------------------------


def test_each_rate_of_tax_has_its_row_with_what_it_is_reckoned_on(issue):
    text = words(
        issue(
            line(200, 10_200, 1_900, currency="EUR", discount=100_000),
            line(1, 150_000, 700, currency="EUR", description="Onboarding"),
            tax_kind="taxed",
            tax_name="VAT",
        ).pdf
    )
    for part in (
        "Discount −€1,000.00",
        "19% €19,400.00",
        "7% €1,500.00",
        "Subtotal €20,900.00",
        "VAT 19% on €19,400.00 €3,686.00",
        "VAT 7% on €1,500.00 €105.00",
        "Total €24,691.00",
    ):
        assert part in text


def test_a_rate_may_have_a_fraction(issue):
    text = words(issue(line(1, 10_000, 810, currency="CHF"), tax_name="TVA").pdf)
    assert "TVA 8.1% on CHF100.00 CHF8.10" in text


def test_prices_that_include_tax_say_so_and_what_is_in_them(issue):
    text = words(issue(line(3, 11_900, 1_900, currency="EUR", inclusive=True), tax_name="VAT").pdf)
    for part in ("Amount with VAT", "19% €357.00", "Net amount €300.00", "VAT 19% on €300.00 €57.00", "Total €357.00"):
        assert part in text


def test_yen_have_no_digits_behind_the_point(issue):
    text = words(issue(line(3, 11_900, 1_000, currency="JPY", inclusive=True), tax_name="消費税").pdf)
    assert "Total ¥35,700" in text
    assert "消費税 10% on ¥32,455 ¥3,245" in text


def test_reverse_charge_has_its_sentence_and_no_tax(issue):
    note = "Reverse charge: the recipient of the service owes the tax (Article 196 of Directive 2006/112/EC)."
    text = words(issue(line(currency="EUR"), tax_kind="reverse_charge", tax_name="VAT", tax_note=note).pdf)
    assert note in text
    assert "VAT €0.00 Total €20,400.00" in text


def test_an_awaited_transfer_has_the_account_the_day_and_the_reference(issue, now):
    text = words(issue(bank=BANK, due_at=now + timedelta(days=14)).pdf)
    for part in (
        "Please transfer $20,400.00 by 26 March 2026",
        "Account holder Example Software GmbH",
        "IBAN DE89 3704 0044 0532 0130 00",
        "BIC COBADEFFXXX",
        "Bank Example Bank",
        "Reference INV-2026-0001",
        "Due 26 March 2026",
    ):
        assert part in text


def test_a_paid_one_asks_for_no_transfer(issue):
    assert "IBAN" not in words(issue(paid=True, bank=BANK).pdf)


# ---- Scripts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("Công ty Nước Sáng Żółć", "Inter-SemiBold"),
        ("Ζάχαρη Υδάτων Α.Ε.", "Inter-SemiBold"),
        ("ООО «Светлые воды» Ґанок", "Inter-SemiBold"),
        ("شركة المياه المشرقة", "NotoSansArabic-Regular"),
        ("שלום עולם בע״מ", "NotoSansHebrew-Regular"),
        ("明るい水物流株式会社", "DroidSansFallback"),
        ("明亮水物流有限公司", "DroidSansFallback"),
        ("밝은물류 주식회사", "NotoSansCJKkr-Regular"),
        ("บริษัท น้ำใส จำกัด", "NotoSansThai-Regular"),
        ("उज्ज्वल जल", "NotoSansDevanagari-Regular"),
        ("উজ্জ্বল জল", "NotoSansBengali-Regular"),
        ("ஒளிரும் நீர்", "NotoSansTamil-Regular"),
        ("ნათელი წყალი", "NotoSansGeorgian-Regular"),
        ("Պայծառ ջուր", "NotoSansArmenian-Regular"),
    ],
)
def test_a_name_is_set_in_a_font_that_has_its_letters(issue, name, font):
    """Without such a font the typesetter prints boxes, and says nothing."""
    plain = fonts_of(issue(buyer={"name": "A", "lines": []}).pdf)
    assert fonts_of(issue(buyer={"name": name, "lines": []}).pdf) == plain | {font}


def test_a_long_word_is_broken_and_a_short_one_is_not(issue):
    assert pdf._breakable({"a": ["x" * 25, "x" * 24]}) == {"a": ["x" * 12 + "\u200b" + "x" * 12 + "\u200bx", "x" * 24]}


def test_many_lines_go_on_to_the_next_page(issue):
    text = text_of(issue(*[line(number + 1, 100, description=f"Position {number}") for number in range(80)]).pdf)
    assert "Position 0" in text
    assert "Position 79" in text
    assert "2 / 5" in text
