"""Billing history in a real browser: finding an invoice and taking it along, for everybody and in every window."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import expect
from shopper import Shopper

from invoicing import BANK, issue_for, line
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.billing.services.record_payment import MoneyReceived, record_payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def billed(buyer):
    """Paid, owed and overdue invoices, one paid in part, and a credit note."""
    now = datetime.now(UTC)
    by = {"currency": "EUR"}
    paid = issue_for(buyer.organization, line(200, 10_200, 1_900, **by), now=now - timedelta(days=60), paid=True)
    overdue = issue_for(buyer.organization, line(40, 3_900, **by), now=now - timedelta(days=45), bank=BANK)
    issue_for(buyer.organization, line(2_147_483_647, 10_200, **by), now=now - timedelta(days=2), bank=BANK)
    with transaction.atomic():
        gross = Money(12_493, "EUR")
        issue_credit_note(invoice=paid, gross=gross, reason="Billed twice", actor=system("test"), now=now)
        received = MoneyReceived(provider_payment_id="transfer:B-1", amount=Money(100, "EUR"), method="transfer")
        record_payment(invoice=overdue, received=received, actor=system("test"), now=now)
    return paid, overdue


def numbers(shopper):
    return shopper.page.locator(".kw-bills .b-dl a").evaluate_all(
        "links => links.map(one => one.ariaLabel.split(' ')[1])"
    )


def test_an_invoice_is_found_and_downloaded(look_at, billed):
    paid, overdue = billed
    shopper: Shopper = look_at(1280, "light")
    page = shopper.page
    shopper.open("billing/")
    assert len(numbers(shopper)) == 4

    page.get_by_role("link", name="Due", exact=True).click()
    page.wait_for_url("**/billing/?shown=due")
    assert overdue.number in numbers(shopper)
    page.get_by_role("searchbox").fill(overdue.number)
    page.get_by_label("Year", exact=True).select_option(str(overdue.issued_at.year))
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**/billing/?shown=due&q=*")
    assert numbers(shopper) == [overdue.number]
    expect(page.get_by_role("searchbox")).to_have_value(overdue.number)

    with page.expect_download() as got:
        page.get_by_role("link", name=f"Download {overdue.number} as PDF").click()
    assert Path(got.value.path()).read_bytes() == overdue.pdf
    with page.expect_download() as got:
        page.get_by_role("link", name="Receipt").click()
    assert got.value.suggested_filename == f"{overdue.number}-R1.pdf"
    with page.expect_download() as got:
        page.get_by_role("link", name="Download CSV").click()
    assert Path(got.value.path()).read_text("utf-8-sig").count("\n") == 2

    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press("Enter")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download PDFs").click()
    with zipfile.ZipFile(got.value.path()) as archive:
        assert archive.read(f"{paid.number}.pdf") == paid.pdf
        assert len(archive.namelist()) == 4
    assert shopper.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_the_history_is_for_everybody(look_at, billed, scheme, width):
    shopper: Shopper = look_at(width, scheme)
    found = {}
    for path in ("billing/", "billing/?shown=due", "billing/?q=no+such+number"):
        shopper.open(path)
        found[path] = shopper.judge()
    assert {path: what for path, what in found.items() if what} == {}
    assert shopper.complaints == []
