from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from invoicing import line, without_triggers, words
from keywright_portal.billing.balances import balance
from keywright_portal.billing.errors import CreditExceedsInvoiceError
from keywright_portal.billing.models import CreditNote, CreditNoteLine, Receipt
from keywright_portal.billing.pdf import typeset_credit_note
from keywright_portal.billing.services import issue_credit_note as issuing
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.billing.services.issue_receipt import issue_receipt
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_row_locks

GROSS = 2_040_000


@pytest.fixture
def credit(now):
    def _credit(invoice, amount, *, at=now, reason="Refund at your request", currency=None):
        with transaction.atomic():
            return issue_credit_note(
                invoice=invoice,
                gross=Money(amount, currency or invoice.currency),
                reason=reason,
                actor=system("test"),
                now=at,
            )

    return _credit


@pytest.mark.django_db
def test_a_whole_invoice_is_taken_back_line_by_line(issue, credit):
    invoice = issue(line(200, 10_200, 1_900), line(3, 333, 700, description="Onboarding"))
    note = credit(invoice, invoice.gross)
    assert (note.number, note.net, note.tax, note.gross) == ("CN-2026-0001", invoice.net, invoice.tax, invoice.gross)
    assert [(row.description, row.net, row.tax, row.gross, row.tax_basis_points) for row in note.lines.all()] == [
        (row.description, row.net, row.tax, row.gross, row.tax_basis_points) for row in invoice.lines.all()
    ]
    assert AuditEntry.objects.get(action="credit_note.issued").after["invoice"] == invoice.number


@pytest.mark.django_db
def test_parts_have_their_share_of_tax_and_end_at_the_whole(issue, credit):
    invoice = issue(line(200, 10_200, 1_900), line(1, 99, 700))
    notes = [credit(invoice, amount) for amount in (1, 33_333, 1_000_000)]
    notes.append(credit(invoice, balance(invoice).gross - balance(invoice).credited))
    assert sum(note.gross for note in notes) == invoice.gross
    assert (sum(note.net for note in notes), sum(note.tax for note in notes)) == (invoice.net, invoice.tax)
    assert [note.number for note in notes] == [f"CN-2026-{number:04d}" for number in (1, 2, 3, 4)]
    with pytest.raises(CreditExceedsInvoiceError):
        credit(invoice, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("amount", "currency"), [(GROSS + 1, "USD"), (0, "USD"), (-5, "USD"), (5, "EUR")])
def test_what_was_not_billed_is_not_taken_back(issue, credit, amount, currency):
    with pytest.raises(CreditExceedsInvoiceError, match="INV-2026-0001"):
        credit(issue(), amount, currency=currency)
    assert (CreditNote.objects.count(), CreditNoteLine.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_line_of_which_nothing_is_taken_is_not_listed(issue, credit):
    invoice = issue(line(200, 10_200), line(1, 0, description="Free"))
    assert [row.description for row in credit(invoice, 500).lines.all()] == ["Enterprise Edition E20"]


@pytest.mark.django_db
def test_credit_notes_have_a_series_of_their_own_each_year(issue, credit):
    invoice = issue()
    at = [datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
    assert [credit(invoice, 1, at=instant).number for instant in at] == ["CN-2026-0001", "CN-2027-0001"]
    assert issue().number == "INV-2026-0002"


@pytest.mark.django_db
def test_its_pdf_says_what_of_which_invoice_and_why(issue, credit, now):
    note_of_law = "Reverse charge."
    invoice = issue(line(200, 10_200, 1_900), tax_name="VAT", purchase_order="PO-7", tax_note=note_of_law)
    note = credit(invoice, 119_000, at=now + timedelta(days=3))
    text = words(note.pdf)
    for part in (
        "Credit note CN-2026-0001 Date 15 March 2026 Invoice INV-2026-0001 Invoice date 12 March 2026",
        "Purchase order PO-7",
        "Enterprise Edition E20 19% −$1,000.00",
        "VAT 19% on −$1,000.00 −$190.00",
        "Total −$1,190.00",
        "Reason: Refund at your request",
        note_of_law,
    ):
        assert part in text
    again = typeset_credit_note(note=note, invoice=invoice, lines=list(note.lines.all()))
    assert again == note.pdf == CreditNote.objects.get().pdf


# ---- At once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_credit_notes_at_once_never_take_back_more_than_was_billed(issue, credit):
    kept = 0
    for _ in range(ROUNDS):
        invoice = issue()
        outcomes = at_once([partial(credit, invoice, GROSS // 2)] * AT_ONCE, expect=(CreditExceedsInvoiceError,))
        kept += sum(isinstance(outcome, CreditNote) for outcome in outcomes)
        assert balance(invoice).credited == GROSS
        numbers = sorted(CreditNote.objects.values_list("number", flat=True))
        assert numbers == [f"CN-2026-{number:04d}" for number in range(1, kept + 1)]


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_invoices_lock_more_is_taken_back(issue, credit, monkeypatch):
    invoice = issue()
    without_row_locks(monkeypatch)
    monkeypatch.setattr(issuing, "credit_lines", meeting(issuing.credit_lines, of=2))
    with without_triggers(CreditNote):
        at_once([lambda: credit(invoice, GROSS)] * 2)
        assert balance(invoice).credited == 2 * GROSS


# ---- Receipts --------------------------------------------------------------------------------------------------------


def pay(invoice, amount, now):
    received = MoneyReceived(
        provider_payment_id=f"transfer:{amount}", amount=Money(amount, "USD"), method="transfer", received_at=now
    )
    with transaction.atomic():
        return record_payment(invoice=invoice, received=received, actor=system("test"), now=now)


@pytest.mark.django_db
def test_a_receipt_says_what_was_paid_how_and_what_is_still_due(issue, credit, now):
    invoice = issue()
    first = pay(invoice, 40_000, now + timedelta(days=1))
    credit(invoice, 100_000, at=now + timedelta(days=2))
    second = pay(invoice, 1_900_000, now + timedelta(days=3))
    texts = [words(issue_receipt(payment=payment, now=now).pdf) for payment in (second, first)]
    assert "Receipt INV-2026-0001-R2 Paid 15 March 2026 Invoice INV-2026-0001 Order ORD-2222-3333" in texts[0]
    assert "Payment of invoice INV-2026-0001 By bank transfer $19,000.00" in texts[0]
    assert (
        "Total of the invoice $20,400.00 Credited −$1,000.00 Paid before −$400.00 This payment −$19,000.00 "
        "Still due $0.00 We received your payment, and nothing is due. Thank you." in texts[0]
    )
    assert "Total of the invoice $20,400.00 This payment −$400.00 Still due $20,000.00" in texts[1]


@pytest.mark.django_db
def test_a_card_is_named_on_the_receipt(issue, now):
    assert "By card, Visa ending 4242" in words(issue_receipt(payment=issue(paid=True).payments.get(), now=now).pdf)


@pytest.mark.django_db
def test_a_receipt_is_typeset_once(issue, now, monkeypatch):
    payment = issue(paid=True).payments.get()
    first = issue_receipt(payment=payment, now=now)
    again = issue_receipt(payment=payment, now=now + timedelta(days=400))
    assert (again.pdf, again.issued_at, Receipt.objects.count()) == (first.pdf, now, 1)


@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_is_asked_for_at_once_is_one(issue, now):
    payment = issue(paid=True).payments.get()
    receipts = at_once([lambda: issue_receipt(payment=payment, now=now)] * AT_ONCE)
    assert len({bytes(receipt.pdf) for receipt in receipts}) == Receipt.objects.count() == 1
