from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoicing import issue_for, line
from keywright_portal.backoffice.reports import revenue
from keywright_portal.backoffice.reports.month import Month
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.catalog.models import Plan
from keywright_portal.domain.money import Money
from keywright_portal.domain.term import term_span
from keywright_portal.kit.actor import system
from keywright_portal.kit.ids import uuid7
from keywright_portal.subscriptions.models import SeatLedgerEntry, Term
from keywright_portal.subscriptions.services.open_subscription import open_subscription

pytestmark = pytest.mark.django_db


def at(*when):
    return datetime(*when, tzinfo=UTC)


def month(number, year=2026):
    return Month(date(year, number, 1))


BOUGHT = at(2026, 3, 12, 9)


@pytest.fixture
def sell(catalog, buyer):
    """An invoice of `net` cents with tax on it, and, unless `begins` is None, a subscription for it."""

    def _sell(net, *, issued=BOUGHT, begins="now", currency="USD"):
        order_id = uuid7()
        invoice = issue_for(buyer.organization, line(1, net, 1900, currency=currency), now=issued, order_id=order_id)
        term = None
        if begins is not None:
            term = open_subscription(
                organization=buyer.organization,
                plan=Plan.objects.get(code="E10"),
                add_ons=(),
                seats=1,
                price_per_user=Money(net, currency),
                cause_id=order_id,
                actor=system("test"),
                now=issued if begins == "now" else begins,
            )
        return SimpleNamespace(invoice=invoice, term=term)

    return _sell


def credit(invoice, gross, *, at):
    return issue_credit_note(
        invoice=invoice, gross=Money(gross, invoice.currency), reason="Test", actor=system("test"), now=at
    )


def days(of):
    """Day → what was earned, what was taken off, for days on which something was."""
    return {row[0]: (str(row[2]), str(row[3])) for row in revenue.rows_by_day(of) if row[2] or row[3]}


def total(of, currency="USD"):
    return sum(row[4] for row in revenue.rows_by_day(of) if row[1] == currency)


def test_a_years_price_is_earned_by_the_day_before_tax(sell):
    sell(365_00)
    assert days(month(2)) == {}
    assert days(month(3)) == {date(2026, 3, day): ("1.00", "0.00") for day in range(12, 32)}
    assert len(list(revenue.rows_by_day(month(4)))) == 30
    months = (month(3), month(4), month(3, 2027), month(4, 2027))
    assert [total(one) for one in months] == [20, 30, 11, 0]


def test_all_months_together_are_the_invoice(sell):
    sell(1_000_01)
    sell(77_77, issued=at(2026, 5, 31, 23, 59), currency="EUR")
    sums = {"USD": Decimal(0), "EUR": Decimal(0)}
    for number in range(17):
        for row in revenue.rows_by_day(month(number % 12 + 1, 2026 + number // 12)):
            sums[row[1]] += row[4]
    assert sums == {"USD": Decimal("1000.01"), "EUR": Decimal("77.77")}


def test_a_credit_note_is_taken_off_from_its_day_on_and_months_that_are_over_stay(sell):
    sold = sell(365_00)
    before = list(revenue.rows_by_day(month(3)))
    credit(sold.invoice, sold.invoice.gross, at=at(2026, 4, 10, 12))
    assert list(revenue.rows_by_day(month(3))) == before
    april = days(month(4))
    # 20 days of March and 10 of April at once, then each day with what it earns.
    assert april[date(2026, 4, 9)] == ("1.00", "0.00")
    assert april[date(2026, 4, 10)] == ("1.00", "-30.00")
    assert april[date(2026, 4, 11)] == ("1.00", "-1.00")
    assert total(month(3)) + total(month(4)) == 0
    assert total(month(5)) == 0


def test_a_credit_note_for_a_term_that_is_over_is_taken_off_at_once(sell):
    sold = sell(365_00)
    credit(sold.invoice, sold.invoice.gross // 5, at=at(2027, 6, 2))
    assert days(month(6, 2027)) == {date(2027, 6, 2): ("0.00", "-73.00")}


def test_nothing_is_earned_of_what_has_not_begun(sell):
    sold = sell(365_00, begins=None)
    credit(sold.invoice, 100, at=at(2026, 3, 20))
    assert list(revenue.rows_by_day(month(3))) == list(revenue.rows_by_document(month(3))) == []


def test_what_begins_with_the_transfer_is_earned_from_then_on(sell):
    sell(365_00, begins=at(2026, 4, 10, 8))
    assert (total(month(3)), total(month(4))) == (0, 21)


def test_a_term_that_was_renewed_ahead_is_earned_when_it_starts(sell, buyer):
    sold = sell(365_00)
    span = term_span(anchor=date(2026, 3, 12), number=2)
    later = Term.objects.create(
        subscription=sold.term.subscription,
        number=2,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        plan=sold.term.plan,
        seats=1,
        price_per_user=366_00,
        currency="USD",
    )
    order_id, renewed = uuid7(), at(2027, 1, 5)
    SeatLedgerEntry.objects.create(term=later, seats=1, cause_id=order_id, created_at=renewed)
    issue_for(buyer.organization, line(1, 366_00), now=renewed, order_id=order_id)
    assert (total(month(1, 2027)), total(month(2, 2027))) == (31, 28)
    assert total(month(3, 2027)) == 31  # 11 days of the first term, 20 of the second
    assert total(month(3, 2028)) == 11


def test_users_added_within_a_term_are_earned_over_what_is_left_of_it(sell, buyer):
    sold = sell(365_00)
    order_id, added = uuid7(), at(2026, 12, 2, 15)
    SeatLedgerEntry.objects.create(term=sold.term, seats=1, cause_id=order_id, created_at=added)
    issue_for(buyer.organization, line(1, 200_00), now=added, order_id=order_id)
    # 100 days are left: 2.00 a day, beside 1.00 of the first.
    december = days(month(12))
    assert (december[date(2026, 12, 1)], december[date(2026, 12, 2)]) == (("1.00", "0.00"), ("3.00", "0.00"))
    assert total(month(3, 2027)) == 33


def test_the_documents_add_up_to_the_days(sell):
    sold = [sell(1_234_56 + n, issued=at(2026, 3, 12) + timedelta(days=11 * n)) for n in range(6)]
    credit(sold[0].invoice, 500_00, at=at(2026, 4, 3))
    credit(sold[1].invoice, sold[1].invoice.gross, at=at(2026, 4, 30))
    rows = list(revenue.rows_by_document(month(4)))
    columns = dict(zip(revenue.headers_by_document(), zip(*rows, strict=True), strict=True))
    invoices = tuple(f"INV-2026-000{number}" for number in range(1, 6))
    assert columns["Document"] == (*invoices, "CN-2026-0001", "CN-2026-0002")
    assert columns["Invoice"][-2:] == ("INV-2026-0001", "INV-2026-0002")
    assert sum(columns["Earned in the month"]) == total(month(4))
    for row in rows:
        assert row[4] == sum(row[-3:])
    assert (columns["First day"][0], columns["Last day"][0], columns["Days"][0]) == (
        date(2026, 3, 12),
        date(2027, 3, 11),
        365,
    )


def test_yen_have_no_cents(sell):
    sell(36_500, currency="JPY")
    assert {str(row[4]) for row in revenue.rows_by_day(month(4))} == {"100"}


def test_it_takes_three_queries_however_much_was_sold(sell):
    for _ in range(3):
        credit(sell(365_00).invoice, 100, at=at(2026, 3, 20))
    with CaptureQueriesContext(connection) as asked:
        assert total(month(3)) == Decimal("59.85")
    assert len(asked) == 3
