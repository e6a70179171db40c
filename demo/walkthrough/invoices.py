"""Paying by invoice: what the buyer does, and then the vendor's billing people."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from demo.place import STAFF_EMAIL
from demo.walkthrough.guide import Guide
from demo.walkthrough.story import HOME, Story, enter_billing, open_mail, pick


def by_invoice(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("Choose E10 and 25 users; a coupon takes its share off"):
        story.portal(f"{HOME}buy/")
        pick(story, "E10")
        page.get_by_label("Number of users").fill("25")
        page.get_by_label("Coupon").fill("WELCOME10")
        page.get_by_label("Coupon").blur()
        guide.see("€900.00", "−€90.00", "€153.90", "€963.90")
        page.get_by_role("button", name="Next Step").click()
        guide.see("Billing and payment")
    with guide.step("The saved card stands first"):
        expect(page.get_by_label("Visa ending 3155")).to_be_checked()
        guide.picture("Billing and payment, with a saved card")
    with guide.step("A VAT number that is none is said at its field"):
        page.get_by_label("VAT number").fill("DE 123")
        page.get_by_label("VAT number").blur()
        guide.see("This is no VAT number of Germany")
        page.get_by_label("VAT number").fill("")
        page.get_by_label("VAT number").blur()
        expect(page.locator("#id_vat_number_error")).to_be_empty()
    with guide.step("Choose the invoice, with a purchase order number"):
        page.locator("label:has(#pay-transfer)").click()
        page.get_by_label("Send the invoice to").fill("accounts.payable@brightwater.example")
        enter_billing(story)
        guide.see("Total due in 30 days", "Nothing is charged now.")
        guide.picture("Billing and payment, by invoice")
    with guide.step("Complete: the invoice, where to transfer it, and a license at once"):
        page.get_by_role("button", name="Complete").click()
        guide.see("Your invoice is ready", "Where to transfer it", "€963.90", "It runs until")
        guide.picture("Your invoice is ready")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download the license key").click()
        download = waiting.value
        download.save_as(story.folder / f"until-paid-{download.suggested_filename}")
        story.invoice = re.findall(r"INV-\d{4}-\d{4}", page.locator("main").inner_text())[0]
        story.invoiced_at = page.url
    with guide.step("The invoice comes by mail"):
        open_mail(story, re.compile("invoice", re.IGNORECASE))
        guide.picture("The mail with the invoice")


def transfer_received(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    vendor = Guide(guide.browser, guide.book, guide.steps)
    with vendor.step("The vendor’s billing people log in to the back office"):
        vendor.page.goto(f"{story.place.portal_url}/backoffice/billing/banktransfer/receive/")
        vendor.page.get_by_label("Email address").fill(STAFF_EMAIL)
        vendor.page.get_by_label("Password", exact=True).fill(story.place.secrets["staff_password"])
        vendor.page.get_by_role("button", name=re.compile("^(log|sign) in", re.IGNORECASE)).click()
        vendor.see("Transfer received")
    with vendor.step("They enter what the bank statement shows, and see what it pays before anything is booked"):
        vendor.page.get_by_label("Bank’s reference").fill("STATEMENT-2026-11-24-1")
        vendor.page.get_by_label("Amount").fill("963.90")
        vendor.page.get_by_label("Currency").select_option("EUR")
        vendor.page.get_by_label("What the payer wrote").fill(f"Brightwater {story.invoice}")
        vendor.page.get_by_role("button", name="Next: see what will happen").click()
        vendor.see("What will happen", story.invoice)
        vendor.picture("Back office: what a transfer pays")
    with vendor.step("They book it"):
        vendor.page.get_by_role("button", name="Book €963.90").click()
        expect(vendor.page.get_by_role("button", name="Book €963.90")).to_have_count(0)
        vendor.see("STATEMENT-2026-11-24-1")
    with guide.step("The buyer’s page has the license for the whole term"):
        page.goto(story.invoiced_at)
        guide.see("Your license is ready", "Bank transfer", "€963.90")
    with guide.step("The mail says so, too"):
        open_mail(story, re.compile("is paid", re.IGNORECASE))
        guide.picture("The mail that says the transfer is received")
