"""Every page in a real browser, under the portal's own policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page

from in_chromium import WCAG
from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.billing.models import BankTransfer, Dispute, Invoice, Payment, Refund
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import RevocationBundle, SigningKey
from keywright_portal.orders.models import Order

REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
MODELS = [model for model, _ in admin.site.pages()]
PATIENCE_MS = 15_000


@dataclass
class Seen:
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@pytest.fixture
def look(chromium, office, live_server):
    """A page in a window of a width and a theme, signed in as staff."""
    cookie = office.cookies[settings.SESSION_COOKIE_NAME]
    with ExitStack() as opened:

        def _look(width, scheme) -> Seen:
            context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
            seen = Seen(context.new_page(), live_server.url)
            seen.page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
            seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            seen.page.on(
                "request", lambda asked: None if asked.url.startswith(seen.origin) else seen.foreign.append(asked.url)
            )
            return seen

        yield _look


def violations(page):
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def some_pages(purchase):
    """One of each kind."""
    return [
        "/backoffice/",
        "/backoffice/find/",
        "/backoffice/find/?q=nothing",
        f"/backoffice/find/?q={purchase.problem.reference}",
        list_url(Order),
        list_url(Order, q="nothing"),
        list_url(Order, state__exact="fulfilled"),
        list_url(AuditEntry),
        detail_url(Order, purchase.order.pk),
        detail_url(type(purchase.ticket), purchase.ticket.pk),
        *(list_url(model) for model in (BankTransfer, Refund, Dispute, SigningKey, RevocationBundle)),
        detail_url(SigningKey, SigningKey.objects.get(algorithm="Ed25519").pk),
        *(detail_url(model, model.objects.get().pk) for model in (Invoice, Payment, BankTransfer, Refund, Dispute)),
        reverse("admin:billing_payment_refund", args=[Payment.objects.get().pk]),
        reverse("admin:billing_banktransfer_receive"),
        reverse("admin:billing_banktransfer_assign", args=[BankTransfer.objects.get().pk]),
        reverse("admin:billing_dispute_mark", args=[Dispute.objects.get().pk]),
        reverse("admin:reports"),
        reverse("admin:reports") + "?month=never",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (375, "light")])
def test_each_kind_of_page_is_accessible(look, used_purchase, width, scheme):
    addresses = some_pages(used_purchase)
    seen = look(width, scheme)
    wrong = {}
    for address in addresses:
        seen.page.goto(seen.origin + address)
        wrong[address] = [*violations(seen.page), *seen.complaints, *too_wide(seen.page)]
        # A refused month answers 422, which a browser calls an error.
        seen.complaints.clear()
    assert {address: found for address, found in wrong.items() if found} == {
        reverse("admin:reports") + "?month=never": [REFUSED]
    }


def too_wide(page):
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{beyond} pixels too wide"] if beyond > 0 else []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (375, "light")])
@pytest.mark.usefixtures("purchase")
def test_a_refund_is_asked_for_read_and_confirmed(look, gateway, monkeypatch, width, scheme):
    monkeypatch.setattr("keywright_portal.backoffice.acts.refund.gateway", lambda: gateway)
    address = detail_url(Payment, Payment.objects.get().pk)
    seen = look(width, scheme)
    page = seen.page
    page.goto(seen.origin + address)
    page.get_by_role("link", name="Refund…").click()
    page.get_by_label("Amount").fill("1,000")
    page.get_by_label("Reason").fill("Nine users too many")
    page.get_by_role("button", name="Next: see what will happen").click()
    page.get_by_text("Nothing happened yet. Correct what is marked.").wait_for()
    assert violations(page) == []

    page.get_by_label("Amount").fill("1000")
    page.get_by_role("button", name="Next: see what will happen").click()
    page.get_by_text("A credit note takes $1,000.00 of invoice INV-2026-0001 back").wait_for()
    assert (violations(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Refund $1,000.00").dblclick()
    page.get_by_text("$1,000.00 went back.").wait_for()
    assert (violations(page), too_wide(page)) == ([], [])
    assert [refund.amount.amount for refund in gateway.refunds.values()] == [1_000_00]
    assert [said for said in seen.complaints if said != REFUSED] == []


@pytest.mark.django_db(transaction=True)
def test_a_file_of_the_month_is_downloaded(look, used_purchase):
    seen = look(1440, "light")
    seen.page.goto(f"{seen.origin}{reverse('admin:reports')}?month=2026-03")
    with seen.page.expect_download() as download:
        seen.page.get_by_role("link", name="Revenue by the day it is earned").click()
    assert download.value.suggested_filename == "revenue-2026-03.csv"
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[0].startswith("Day,Currency,Earned")
    assert (seen.complaints, seen.foreign) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_no_page_needs_anything_inline_or_foreign(look, used_purchase):
    rows = [(model, model.objects.order_by("pk").values_list("pk", flat=True).first()) for model in MODELS]
    addresses = [*map(list_url, MODELS), *(detail_url(model, key) for model, key in rows)]
    seen = look(1440, "light")
    for address in addresses:
        answer = seen.page.goto(seen.origin + address)
        assert answer.status == 200, address
        assert "'unsafe-" not in answer.headers["content-security-policy"]
        assert (seen.complaints, seen.foreign) == ([], []), address


@pytest.mark.django_db(transaction=True)
def test_the_theme_is_switched_and_the_navigation_filtered(look, purchase):
    seen = look(1440, "light")
    page = seen.page
    page.goto(seen.origin + list_url(Order))
    assert background(page) == "rgb(255, 255, 255)"
    page.locator("#user-tools .theme-toggle").click()  # from the system's to the other one
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert background(page) == "rgb(21, 25, 31)"

    page.get_by_label("Filter navigation items").fill("ticket")
    assert page.locator("#nav-sidebar").get_by_role("link").all_inner_texts() == ["Tickets"]
    page.locator(".bo-find").get_by_role("searchbox").fill(purchase.problem.reference)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What happened", exact=True).wait_for()
    page.get_by_role("link", name="INV-2026-0001").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the invoice").click()
    assert download.value.suggested_filename == "INV-2026-0001.pdf"
    assert seen.complaints == []


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")
