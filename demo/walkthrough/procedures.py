"""The procedures of a customer, in the order in which one meets them, each with the words that the pages use.

The names of the people and the company in it are made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from demo.place import ADMIN
from demo.walkthrough.guide import Guide, WalkthroughError
from demo.walkthrough.invoices import by_invoice, transfer_received
from demo.walkthrough.story import (
    CHALLENGE,
    DECLINED,
    EMAIL,
    HOME,
    MEMBER,
    MEMBER_PASSWORD,
    NAME,
    ORGANIZATION,
    PASSWORD,
    SEATS,
    TOTAL,
    Story,
    console,
    enter_billing,
    enter_card,
    follow_mail_link,
    open_mail,
    pick,
    submit_file,
    verify,
)


def sign_up(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("Open the Customer Portal page"):
        story.portal()
        guide.see("Customer Portal")
        guide.picture("The Customer Portal")
    with guide.step("Enter the required information"):
        page.get_by_role("link", name="Create an account").first.click()
        page.get_by_label("Your name").fill(NAME)
        page.get_by_label("Email address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Organization").fill(ORGANIZATION)
        page.get_by_label("Country").select_option(label="Germany")
        guide.picture("Sign up")
    with guide.step("Check “I have read and agree to the Privacy Policy” and select Next"):
        page.get_by_label("I have read and agree to the Privacy Policy").check()
        page.get_by_role("button", name="Next").click()
        guide.see(EMAIL)
        guide.picture("Confirm your email address")
    with guide.step("Nothing can be bought before the email address is validated"):
        story.portal(f"{HOME}buy/")
        expect(page.get_by_role("button", name="Next Step")).to_have_count(0)
    with guide.step("Open the mail, follow its link, confirm the address"):
        open_mail(story, re.compile("confirm", re.IGNORECASE))
        guide.picture("The mail that asks to confirm")
        follow_mail_link(story, re.compile("confirm", re.IGNORECASE))
        page.get_by_role("button", name=re.compile("confirm", re.IGNORECASE)).click()
        guide.see("Choose your subscription")


def buy(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("Log out, and log in to the Customer Portal account"):
        story.portal(f"{HOME}organization/")
        page.locator(".kw-menu summary").click()
        guide.follow(page.get_by_role("button", name="Log out"))
        story.portal(f"{HOME}buy/")
        page.get_by_label("Email address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        guide.picture("Log in")
        page.get_by_role("button", name=re.compile("^(log|sign) in", re.IGNORECASE)).click()
        guide.see("Order summary")
    with guide.step("Choose E10 and 200 users: the total follows, and Premier Support isn’t offered"):
        pick(story, "E10")
        page.get_by_label("Number of users").fill("200")
        guide.see("€7,200.00")
        expect(page.get_by_label("Premier Support")).to_be_hidden()
    with guide.step("Choose E20: the total follows"):
        pick(story, "E20")
        guide.see("€18,800.00")
    with guide.step("Add Premier Support: its cost is added to the total by itself"):
        pick(story, "Premier Support")
        guide.see("€3,760.00", "€22,560.00", TOTAL)
        guide.picture("Choose your subscription")
    with guide.step("A number of users that is none says what is allowed"):
        page.get_by_label("Number of users").fill("1.5")
        guide.see("Enter a whole number of users from 1 to 2,147,483,647.")
        page.get_by_label("Number of users").fill("200")
        guide.see(TOTAL)
    with guide.step("Select Next Step"):
        page.get_by_role("button", name="Next Step").click()
        guide.see("Billing and payment")
    with guide.step("Enter the billing and payment information"):
        enter_billing(story)
        enter_card(story, DECLINED)
        guide.picture("Billing and payment")


def declined(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("A card is declined: nothing is charged, and there is a reference to quote"):
        page.get_by_role("button", name="Complete").click()
        guide.see("You haven’t been charged")
        story.reference = page.locator(".kw-ref").first.inner_text().strip()
        if not re.fullmatch(r"PAY-\w{4}-\w{4}", story.reference):
            raise WalkthroughError(f"{story.reference!r} is no reference")
        guide.picture("A declined card")
    with guide.step("The contact form carries the reference along"):
        page.get_by_role("link", name="Contact Support").first.click()
        expect(page.get_by_label("Reference")).to_have_value(story.reference)
        page.get_by_label("Message").fill("My card was declined. It has worked elsewhere today.")
        guide.picture("Contact Support")
        page.get_by_role("button", name="Send message").click()
        guide.see("Your message is sent")
        guide.picture("The message was sent")


def pay(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("Go back: the unfinished order is still there"):
        story.portal(f"{HOME}buy/")
        guide.see(TOTAL)
        page.get_by_role("button", name="Next Step").click()
        guide.see("Billing and payment")
    with guide.step("Try another card and save it, accept the Terms, select Complete"):
        enter_billing(story)
        enter_card(story, CHALLENGE)
        page.get_by_label("Save this card for renewals").check()
        page.get_by_role("button", name="Complete").click()
    with guide.step("Pass 3D Secure"):
        challenge = page.frame_locator("dialog iframe, [role=dialog] iframe")
        challenge.get_by_role("button", name=re.compile("^complete", re.IGNORECASE)).wait_for()
        page.screenshot(path=story.guide.book.names("The bank asks: 3D Secure", ("light",))[0])
        challenge.get_by_role("button", name=re.compile("^complete", re.IGNORECASE)).click()
        guide.see("Your license is ready")
    with guide.step("The page shows license type, number of users, start and expiry date"):
        guide.see("License type", "E20", "Number of users", "200", "Start date", "Expiry date", "Premier Support")
        guide.picture("Your license is ready")
    with guide.step("Choose Download the license key"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download the license key").click()
        download = waiting.value
        story.license_file = story.folder / download.suggested_filename
        download.save_as(story.license_file)
    with guide.step("There is a way for who isn’t a System Admin, and for who has no server yet"):
        guide.see("Not a System Admin yourself?", "No server yet?")
    with guide.step("The license is in the mailbox too: a link, never the key"):
        open_mail(story, re.compile("license", re.IGNORECASE))
        guide.picture("The mail that says the license is ready")


def account(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    pages = {
        "": ("Overview", (TOTAL,)),
        "subscriptions/": ("Subscriptions", ("E20", "200", "Expiry date", "aren’t listed")),
        "billing/": ("Billing history", (TOTAL, "Paid")),
        "payment-methods/": ("Payment methods", ("Visa ending 3155", "Default")),
        "organization/": ("Organization", (ORGANIZATION,)),
    }
    for path, (title, texts) in pages.items():
        with guide.step(f"{title} shows what there is"):
            story.portal(HOME + path)
            guide.see(*texts)
            guide.picture(title)
    with guide.step("On Subscriptions, select Download License"):
        story.portal(f"{HOME}subscriptions/")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download License").first.click()
        waiting.value.save_as(story.file)
    with guide.step("An invoice downloads as PDF"):
        story.portal(f"{HOME}billing/")
        with page.expect_download() as waiting:
            page.evaluate("document.querySelector('a[href$=\".pdf\"]').setAttribute('download', '')")
            page.locator("a[href$='.pdf']").first.click()
        if not Path(waiting.value.path()).read_bytes().startswith(b"%PDF-"):
            raise WalkthroughError("the invoice is no PDF")
    with guide.step("Adding users and renewing lead to the people who arrange it"):
        story.portal(f"{HOME}subscriptions/")
        expect(page.get_by_role("link", name=re.compile("add users", re.IGNORECASE)).first).to_be_visible()


def questions(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("The FAQ answers what customers ask"):
        story.portal("/help/")
        guide.picture("Help")
        links = page.locator("main a[href^='/help/']")
        count = links.count()
        if count < 9:
            raise WalkthroughError(f"the FAQ has {count} pages")
        for number in range(count):
            guide.follow(links.nth(number))
            expect(page.locator("h1")).not_to_be_empty()
            page.go_back()
    with guide.step("Terms and Privacy Policy say their version"):
        for path in ("/terms/", "/privacy/"):
            story.portal(path)
            guide.see("2026-01")
    with guide.step("The password can be changed"):
        story.portal("/password/")
        guide.picture("Password")


def apply_license(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("The license key is accepted by keywright-license verify"):
        verdict = verify(story)
        if not verdict.get("accepted") or verdict["license"]["seats"] != SEATS:
            raise WalkthroughError(f"the verdict is {verdict}")
    with guide.step("Log in to the System Console as System Admin"):
        story.console()
        page.get_by_label(re.compile("user", re.IGNORECASE)).first.fill(ADMIN)
        page.get_by_label("Password", exact=True).fill(story.place.secrets["sysadmin_password"])
        guide.picture("System Console: log in")
        page.get_by_role("button", name=re.compile("^(log|sign) in", re.IGNORECASE)).click()
    with guide.step("Open System Console > About > Edition and License"):
        guide.follow(page.get_by_role("link", name="Edition and License"))
        guide.picture("System Console: no license yet")
    with guide.step("A file that is no license is refused with a sentence; nothing changes"):
        page.locator("input[type=file]").set_input_files(
            {"name": "wrong.keywright-license", "mimeType": "text/plain", "buffer": b"not a license"}
        )
        submit_file(story)
        guide.see("malformed")
        guide.picture("System Console: a file that is refused")
    with guide.step("Choose the license key: the console shows what it changes"):
        story.console("/about/license/")
        page.locator("input[type=file]").set_input_files(story.file)
        submit_file(story)
        guide.see(ORGANIZATION, "200")
        guide.picture("System Console: what the license changes")
    with guide.step("Apply it"):
        guide.follow(page.get_by_role("button", name=re.compile("^apply", re.IGNORECASE)))
        guide.see("Enterprise Edition E20", ORGANIZATION)
        guide.picture("System Console: Edition and License")
    with guide.step("The licensed features are open"):
        guide.follow(page.get_by_role("link", name="AD/LDAP"))
        guide.picture("System Console: AD/LDAP")
        guide.follow(page.get_by_role("link", name="Users", exact=True))
        guide.picture("System Console: Users")


def command_line(story: Story) -> None:
    guide, page = story.guide, story.guide.page
    with guide.step("Show, remove and upload the license by the command line; the page follows at the next request"):
        shown = json.loads(console(story, "license", "show", "--json"))
        if not shown["licensed"]:
            raise WalkthroughError("the command line doesn't see the license that the page applied")
        console(story, "license", "remove", "--yes")
        story.console("/about/license/")
        expect(page.get_by_text("Enterprise Edition E20").filter(visible=True)).to_have_count(0)
        console(story, "license", "upload", str(story.file))
        page.reload()
        guide.see("Enterprise Edition E20")
    with guide.step("A member who isn’t System Admin gets no page, and is told whom to ask"):
        member = ("--email", "sam@brightwater.example", "--username", MEMBER, "--password", MEMBER_PASSWORD)
        console(story, "user", "create", *member)
        other = Guide(guide.browser, guide.book, guide.steps)
        other.page.goto(f"{story.place.console_url}/about/license/")
        other.page.get_by_label(re.compile("user", re.IGNORECASE)).first.fill(MEMBER)
        other.page.get_by_label("Password", exact=True).fill(MEMBER_PASSWORD)
        other.page.get_by_role("button", name=re.compile("^(log|sign) in", re.IGNORECASE)).click()
        other.see("System Admin", ADMIN)
        other.picture("System Console: for System Admins")
    with guide.step("Deactivated users don’t count: deactivate and activate one by the command line"):
        console(story, "user", "deactivate", MEMBER)
        console(story, "user", "activate", MEMBER)
    with guide.step("Remove the license after a dialog that asks"):
        story.console("/about/license/")
        page.get_by_role("button", name=re.compile("remove license", re.IGNORECASE)).or_(
            page.get_by_role("link", name=re.compile("remove license", re.IGNORECASE))
        ).first.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        page.screenshot(path=guide.book.names("System Console: remove the license?", ("light",))[0])
        page.locator("dialog[open]").get_by_role("button", name=re.compile("^keep", re.IGNORECASE)).click()
        guide.see("Enterprise Edition E20")
    with guide.step("Portal and console are signed in at the same time in one browser"):
        story.portal(f"{HOME}subscriptions/")
        guide.see("E20")
        story.console("/about/license/")
        guide.see("Enterprise Edition E20")


PROCEDURES: Final[tuple[tuple[str, Callable[[Story], None]], ...]] = (
    ("If you don’t have a Customer Portal account", sign_up),
    ("Purchasing a license", buy),
    ("A problem with the transaction", declined),
    ("Paying, and the license key", pay),
    ("The account at a glance", account),
    ("Paying by invoice", by_invoice),
    ("The transfer arrives", transfer_received),
    ("Frequently asked questions", questions),
    ("Applying the license key", apply_license),
    ("The command line, and who may do what", command_line),
)
