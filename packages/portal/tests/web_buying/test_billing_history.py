"""Billing history: what the filter shows, and what of it comes as files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from storefront import Site, words

from invoicing import BANK, issue_for, line
from invoicing import words as pdf_words
from keywright_portal.accounts.models import Role
from keywright_portal.billing.models import Receipt
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.web.views import billing_downloads, billing_history

pytestmark = pytest.mark.django_db
MOST = 10
"""Queries of a page."""


def plain(answer):
    return words(answer).replace("\u00a0", " ")


@pytest.fixture
def issue(buyer, now):
    def _issue(*lines, at=now, **more):
        return issue_for(more.pop("organization", buyer.organization), *lines, now=at, **more)

    return _issue


def credit(invoice, amount, at, reason="Two users billed twice"):
    with transaction.atomic():
        gross = Money(amount, invoice.currency)
        return issue_credit_note(invoice=invoice, gross=gross, reason=reason, actor=system("test"), now=at)


def receive(invoice, amount, at):
    received = MoneyReceived(
        provider_payment_id=f"transfer:{invoice.number}:{amount}",
        amount=Money(amount, invoice.currency),
        method="transfer",
    )
    with transaction.atomic():
        return record_payment(invoice=invoice, received=received, actor=system("test"), now=at)


@pytest.fixture
def several(issue, now):
    """One of each state: paid by card, owed, overdue, paid in part, taken back, and paid with a credit note."""
    made = {
        "paid": issue(paid=True, purchase_order="PO-1187", at=now - timedelta(days=400)),
        "credited": issue(paid=True, at=now - timedelta(days=90)),
        "overdue": issue(line(3, 100), at=now - timedelta(days=40)),
        "cancelled": issue(line(4, 100), at=now - timedelta(days=30)),
        "part": issue(line(5, 100, description="Robotics lab"), bank=BANK, at=now - timedelta(days=20)),
        "due": issue(line(6, 100), line(1, 50, description="Onboarding"), at=now - timedelta(days=10)),
    }
    credit(made["credited"], 12_493, now - timedelta(days=80))
    credit(made["cancelled"], 400, now - timedelta(days=25), reason="Order cancelled")
    receive(made["part"], 200, now - timedelta(days=2))
    return made


def rows(answer):
    """The table's rows, each as a person reads it."""
    page = answer.content.decode()
    body = page.split("<tbody>", 1)[1].split("</tbody>", 1)[0] if "<tbody>" in page else ""
    return [plain(HttpResponse(part)) for part in body.split("<tr>")[1:]]


def numbers(answer):
    return [next(word for word in row.split() if word[:3] in {"INV", "CN-"}) for row in rows(answer)]


def test_invoices_and_credit_notes_are_listed_newest_first_each_with_its_state(site, several):
    paid = "Enterprise Edition E20, 200 users {0} {0} Paid Visa 4242 Receipt of {0} as PDF $20,400.00"
    part = "Robotics lab, 5 users {0} {0} Due 22 Mar 2026 $2.00 received Receipt of {0} as PDF $5.00"
    assert rows(site.get("billing")) == [
        "2 Mar 2026 Enterprise Edition E20, 6 users INV-2026-0004 with Onboarding INV-2026-0004 Due 1 Apr 2026 $6.50",
        f"20 Feb 2026 {part.format('INV-2026-0003')}",
        "15 Feb 2026 Order cancelled CN-2026-0001 On INV-2026-0002 CN-2026-0001 Credited −$4.00",
        "10 Feb 2026 Enterprise Edition E20, 4 users INV-2026-0002 INV-2026-0002 Cancelled $4.00",
        "31 Jan 2026 Enterprise Edition E20, 3 users INV-2026-0001 INV-2026-0001 Overdue $3.00",
        "22 Dec 2025 Two users billed twice CN-2025-0001 On INV-2025-0002 CN-2025-0001 Credited −$124.93",
        f"12 Dec 2025 {paid.format('INV-2025-0002')}",
        f"5 Feb 2025 {paid.format('INV-2025-0001')}",
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"shown": "due"}, ["INV-2026-0004", "INV-2026-0003", "INV-2026-0001"]),
        ({"shown": "paid"}, ["INV-2025-0002", "INV-2025-0001"]),
        ({"shown": "credited"}, ["CN-2026-0001", "CN-2025-0001"]),
        ({"year": "2025"}, ["CN-2025-0001", "INV-2025-0002", "INV-2025-0001"]),
        ({"year": "2025", "shown": "paid", "q": "po-11"}, ["INV-2025-0001"]),
        ({"q": "robotics"}, ["INV-2026-0003"]),
        ({"q": "onboard"}, ["INV-2026-0004"]),
        ({"q": "2025-0002"}, ["CN-2025-0001", "INV-2025-0002"]),
        ({"q": "CN-2025"}, ["CN-2025-0001"]),
        ({"q": "billed twice"}, ["CN-2025-0001"]),
        ({"q": "100%_"}, []),
        ({"year": "2031"}, []),
    ],
)
def test_the_filter_shows_what_was_asked_for(site, several, query, shown):
    assert numbers(site.get("billing", query=query)) == shown


@pytest.mark.parametrize(
    "query", [{"shown": "nonsense"}, {"year": "99999999999999999999"}, {"year": "²⁰²⁵"}, {"q": "\0"}, {"page": "-3"}]
)
def test_an_address_that_means_nothing_shows_all(site, several, query):
    assert len(rows(site.get("billing", query=query))) == 8


def test_nothing_that_matches_says_so_and_leads_back(site, several):
    page = site.get("billing", query={"q": "no such number"})
    assert "Nothing matches" in words(page)
    assert f'href="{site.url("billing")}"' in page.content.decode()


def test_what_is_owed_comes_first_with_what_is_left_of_it(site, several, now):
    assert (
        "$3.00 was due by 2 March 2026 Invoice INV-2026-0001, for order ORD-2222-3333. The bank details are on it. "
        "2 more invoices are due Download the invoice" in plain(site.get("billing"))
    )
    receive(several["overdue"], 300, now)
    assert "$3.00 is due by 22 March 2026" in plain(site.get("billing"))


def test_who_owes_nothing_is_told_nothing(site, issue):
    issue(paid=True)
    assert "due" not in words(site.get("billing")).replace("Due", "").lower().split()


def test_pages_keep_the_filter(site, issue, now):
    for number in range(25):
        issue(at=now + timedelta(minutes=number), paid=True)
    first, second = (site.get("billing", query={"shown": "paid", "page": page}) for page in ("1", "9"))
    assert [len(rows(page)) for page in (first, second)] == [20, 5]
    assert numbers(first)[0] == "INV-2026-0025"
    assert "1–20 of 25" in words(first)
    assert "shown=paid&amp;page=2" in first.content.decode()


@pytest.mark.parametrize("query", [{}, {"shown": "due"}, {"q": "INV"}])
def test_a_page_costs_the_same_with_one_and_with_many(site, issue, now, query):
    def cost():
        with CaptureQueriesContext(connection) as counted:
            assert site.get("billing", query=query).status_code == 200
        return len(counted)

    invoice = issue(line(3, 100))
    credit(invoice, 1, now)
    receive(invoice, 2, now)
    cost()
    one = cost()
    for _ in range(15):
        invoice = issue(line(3, 100))
        credit(invoice, 1, now)
        receive(invoice, 2, now)
    assert cost() == one <= MOST


# ---- CSV -------------------------------------------------------------------------------------------------------------


def table(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_has_what_the_filter_shows_all_pages_of_it(site, several):
    answer = site.get("billing-csv", query={"year": "2025"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="billing-history-brightwater-logistics.csv"'
    assert answer.headers["Cache-Control"].startswith("max-age=0") or "no-store" in answer.headers["Cache-Control"]
    note, _second, first = table(answer)
    assert note == {
        "Date": "2025-12-22",
        "Kind": "Credit note",
        "Number": "CN-2025-0001",
        "For invoice": "INV-2025-0002",
        "Order": "ORD-2222-3333",
        "Purchase order": "",
        "Description": "Two users billed twice",
        "Net": "-124.93",
        "Tax": "0.00",
        "Total": "-124.93",
        "Currency": "USD",
        "Status": "Credited",
        "Due": "",
        "Paid": "",
        "Paid by": "",
    }
    assert (first["Number"], first["Purchase order"], first["Total"]) == ("INV-2025-0001", "PO-1187", "20400.00")
    assert (first["Status"], first["Due"], first["Paid"], first["Paid by"]) == (
        "Paid",
        "2025-03-07",
        "2025-02-05",
        "Visa 4242",
    )


def test_yen_are_whole_in_the_csv(site, issue):
    issue(line(3, 11_900, 1_000, currency="JPY"))
    (row,) = table(site.get("billing-csv"))
    assert (row["Net"], row["Tax"], row["Total"], row["Currency"]) == ("35700", "3570", "39270", "JPY")


def test_no_cell_of_the_csv_is_a_formula(site, issue, now):
    live = '=HYPERLINK("https://evil.example")'
    invoice = issue(line(3, 100, description=live), purchase_order="+1+1")
    credit(invoice, 1, now, reason="@SUM(A1)")
    for row in table(site.get("billing-csv")):
        for name, cell in row.items():
            assert not cell.startswith(("=", "+", "@", "\t")), name
            assert not cell.startswith("-") or name in {"Net", "Tax", "Total"}
    assert {row["Purchase order"] for row in table(site.get("billing-csv"))} == {"'+1+1"}


# ---- PDFs ------------------------------------------------------------------------------------------------------------


def test_a_credit_notes_pdf_is_the_one_that_was_issued(site, issue, now):
    note = credit(issue(), 100, now)
    answer = site.get("credit-note-pdf", credit_note_id=note.pk)
    assert answer.content == note.pdf
    assert answer.headers["Content-Disposition"] == 'attachment; filename="CN-2026-0001.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_receipt_is_made_at_the_first_look_and_kept(site, issue):
    invoice = issue(paid=True)
    first, second = (site.get("receipt-pdf", invoice_id=invoice.pk, position=1) for _ in range(2))
    assert first.content == second.content == bytes(Receipt.objects.get().pdf)
    assert first.headers["Content-Disposition"] == 'attachment; filename="INV-2026-0001-R1.pdf"'
    assert "By card, Visa ending 4242" in pdf_words(first.content)
    assert site.get("receipt-pdf", invoice_id=invoice.pk, position=2).status_code == 404


def unzipped(answer):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_all_pdfs_come_in_one_file_that_is_the_same_each_time(site, several):
    answers = [b"".join(site.get("billing-zip").streaming_content) for _ in range(2)]
    assert answers[0] == answers[1]
    files = unzipped(site.get("billing-zip", query={"year": "2025"}))
    assert list(files) == ["CN-2025-0001.pdf", "INV-2025-0002.pdf", "INV-2025-0001.pdf"]
    assert files["INV-2025-0001.pdf"] == several["paid"].pdf


def test_more_pdfs_than_one_download_holds_are_asked_for_by_year(site, several, monkeypatch):
    for views in (billing_downloads, billing_history):
        monkeypatch.setattr(views, "MOST_IN_ONE_ZIP", 7)
    assert f'href="{site.url("billing-zip")}' not in site.get("billing").content.decode()
    assert "To download all PDFs, choose a year: one download holds up to 7." in words(site.get("billing"))
    answer = site.get("billing-zip", query={"q": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{site.url('billing')}?q=2")
    assert "One download holds up to 7 PDFs. Choose a year, then download them again." in words(site.get("billing"))
    assert len(unzipped(site.get("billing-zip", query={"year": "2026"}))) == 5


# ---- Whose -----------------------------------------------------------------------------------------------------------

FILES = ("invoice-pdf", "receipt-pdf", "credit-note-pdf")


def test_another_organizations_documents_are_not_there(site, issue, stranger, now):
    theirs = issue(organization=stranger.organization, paid=True)
    note = credit(theirs, 100, now)
    assert rows(site.get("billing")) == []
    assert table(site.get("billing-csv")) == []
    assert unzipped(site.get("billing-zip")) == {}
    assert site.get("invoice-pdf", invoice_id=theirs.pk).status_code == 404
    assert site.get("receipt-pdf", invoice_id=theirs.pk, position=1).status_code == 404
    assert site.get("credit-note-pdf", credit_note_id=note.pk).status_code == 404
    assert Receipt.objects.count() == 0


def test_a_member_sees_no_bills(site_of, issue, now):
    member: Site = site_of(Role.MEMBER)
    invoice = issue(organization=member.organization, paid=True)
    note = credit(invoice, 100, now)
    for answer in (
        member.get("billing"),
        member.get("billing-csv"),
        member.get("billing-zip"),
        member.get("invoice-pdf", invoice_id=invoice.pk),
        member.get("receipt-pdf", invoice_id=invoice.pk, position=1),
        member.get("credit-note-pdf", credit_note_id=note.pk),
    ):
        assert answer.status_code == 403
    assert Receipt.objects.count() == 0


def test_years_are_of_utc(site, issue):
    issue(at=datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))
    issue(at=datetime(2026, 1, 1, tzinfo=UTC))
    assert numbers(site.get("billing", query={"year": "2026"})) == ["INV-2026-0001"]
