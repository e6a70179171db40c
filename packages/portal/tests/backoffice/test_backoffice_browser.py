"""Every page in a real browser, under the portal's own policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib import admin
from django.db import connection
from playwright.sync_api import Page, sync_playwright

from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.models import Order

CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MODELS = [model for model, _ in admin.site.pages()]
PATIENCE_MS = 15_000
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@dataclass
class Seen:
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@pytest.fixture
def look(office, live_server, monkeypatch):
    """A page in a window of a width and a theme, signed in as staff. From then on the test asks the database no more.

    A browser that is open means a running loop, in which Django would open a connection that nobody closes.
    """
    # The server's threads let go of the database after each request, or PostgreSQL can't drop it in the end.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    path = os.environ.get("KEYWRIGHT_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "The back office is tested in Chromium: install it first."
    cookie = office.cookies[settings.SESSION_COOKIE_NAME]
    with ExitStack() as opened:

        def _look(width, scheme) -> Seen:
            playwright = opened.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
            opened.callback(browser.close)
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
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
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (375, "light")])
def test_each_kind_of_page_is_accessible(look, purchase, width, scheme):
    addresses = some_pages(purchase)
    seen = look(width, scheme)
    wrong = {}
    for address in addresses:
        seen.page.goto(seen.origin + address)
        wrong[address] = [*violations(seen.page), *seen.complaints]
    assert {address: found for address, found in wrong.items() if found} == {}
    assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


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
