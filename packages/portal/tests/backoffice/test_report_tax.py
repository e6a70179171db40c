from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoicing import issue_for, line
from keywright_portal.backoffice.reports import tax
from keywright_portal.backoffice.reports.month import Month
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system

pytestmark = pytest.mark.django_db

MARCH = Month(date(2026, 3, 1))


@pytest.fixture
def issue(buyer):
    def _issue(*lines, at, country="DE", kind="taxed", name="VAT"):
        return issue_for(buyer.organization, *lines, now=at, tax_country=country, tax_kind=kind, tax_name=name)

    return _issue


def credit(invoice, gross, *, at):
    return issue_credit_note(
        invoice=invoice, gross=Money(gross, invoice.currency), reason="Test", actor=system("test"), now=at
    )


def figures(month=MARCH):
    """Country, kind, rate, currency; net, tax; taken back net, tax; left net, tax, gross; invoices, credit notes."""
    return [(row[1], row[2], str(row[4]), row[5], *map(str, row[6:])) for row in tax.rows(month)]


def at(*when):
    return datetime(*when, tzinfo=UTC)


def test_tax_is_told_by_country_kind_rate_and_currency(issue):
    issue(line(1, 100_00, 1900), line(3, 33_33, 700), at=at(2026, 3, 1))
    issue(line(2, 50_05, 1900), at=at(2026, 3, 31, 23, 59))
    issue(line(1, 100_00, 1900, currency="EUR"), at=at(2026, 3, 5))
    issue(line(1, 200_00), at=at(2026, 3, 6), country="FR", kind="reverse_charge", name="")
    issue(line(1, 10_000, 1000, currency="JPY"), at=at(2026, 3, 7), country="JP", name="Consumption tax")
    assert figures() == [
        ("DE", "taxed", "7", "USD", "99.99", "7.00", "0.00", "0.00", "99.99", "7.00", "106.99", "1", "0"),
        ("DE", "taxed", "19", "EUR", "100.00", "19.00", "0.00", "0.00", "100.00", "19.00", "119.00", "1", "0"),
        ("DE", "taxed", "19", "USD", "200.10", "38.02", "0.00", "0.00", "200.10", "38.02", "238.12", "2", "0"),
        ("FR", "reverse_charge", "0", "USD", "200.00", "0.00", "0.00", "0.00", "200.00", "0.00", "200.00", "1", "0"),
        ("JP", "taxed", "10", "JPY", "10000", "1000", "0", "0", "10000", "1000", "11000", "1", "0"),
    ]


def test_an_invoice_counts_in_the_month_of_its_issue_paid_or_not(issue):
    issue(line(1, 100_00, 1900), at=at(2026, 2, 28, 23, 59, 59))
    issue(line(1, 200_00, 1900), at=at(2026, 3, 1))
    issue(line(1, 400_00, 1900), at=at(2026, 4, 1))
    assert [[row[4] for row in figures(Month(date(2026, number, 1)))] for number in (1, 2, 3, 4)] == [
        [],
        ["100.00"],
        ["200.00"],
        ["400.00"],
    ]


def test_a_credit_note_is_taken_off_in_its_own_month_at_its_invoices_rate(issue):
    invoice = issue(line(1, 100_00, 1900), line(1, 100_00, 700), at=at(2026, 2, 10))
    credit(invoice, 113_00, at=at(2026, 3, 2))
    credit(invoice, 113_00, at=at(2026, 4, 2))
    # Half of each line: 59.50 and 53.50 gross.
    half = [
        ("DE", "taxed", "7", "USD", "0.00", "0.00", "50.00", "3.50", "-50.00", "-3.50", "-53.50", "0", "1"),
        ("DE", "taxed", "19", "USD", "0.00", "0.00", "50.00", "9.50", "-50.00", "-9.50", "-59.50", "0", "1"),
    ]
    assert figures(MARCH) == figures(Month(date(2026, 4, 1))) == half
    assert sum(Decimal(row[8]) + Decimal(row[9]) for row in figures(Month(date(2026, 2, 1)))) == Decimal("226.00")


def test_it_is_the_sum_of_the_documents(issue):
    """Against the invoices' own totals, not their lines."""
    invoices = [issue(line(n, 33_33, 1900), line(1, 7, 700), at=at(2026, 3, n)) for n in range(1, 8)]
    notes = [credit(invoice, invoice.gross // 3, at=at(2026, 3, 20)) for invoice in invoices]
    rows = list(tax.rows(MARCH))
    columns = dict(zip(tax.headers(), zip(*rows, strict=True), strict=True))
    net = sum(one.net for one in invoices) - sum(one.net for one in notes)
    owed = sum(one.tax for one in invoices) - sum(one.tax for one in notes)
    assert (sum(columns["Net"]), sum(columns["Tax to declare"])) == (Decimal(net) / 100, Decimal(owed) / 100)
    assert sum(columns["Gross"]) == Decimal(net + owed) / 100


def test_it_takes_two_queries_however_much_was_sold(issue):
    for day in (1, 2, 3):
        issue(line(1, 100_00, 1900), at=at(2026, 3, day))
    with CaptureQueriesContext(connection) as asked:
        list(tax.rows(MARCH))
    assert len(asked) == 2
