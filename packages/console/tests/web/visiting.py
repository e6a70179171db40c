"""A person at the console in Chromium: light, dark and on a phone, with axe looking at each page.

Imported by the conftest of this folder and by its tests.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from conftest import PASSWORD, make_user
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import User
from keywright_console.users.services.deactivate_user import deactivate_user
from vendor import NOON

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 800}, "color_scheme": "light"},
}
# Where a reviewer wants the pictures; nowhere otherwise.
PICTURES = os.environ.get("KEYWRIGHT_PICTURES")


def chromium():
    found = os.environ.get("KEYWRIGHT_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    assert found, "No Chromium: install one, or name it in KEYWRIGHT_CHROMIUM."
    return found


@pytest.fixture(scope="module")
def browser():
    # Playwright's own loop runs in this thread, and Django would not touch its database beside one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visit:
    """A person at the console, in one of the views."""

    def __init__(self, browser, address, view):
        self.view = view
        self.context = browser.new_context(base_url=address, reduced_motion="reduce", **VIEWS[view])
        self.page = self.context.new_page()
        self.said = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def sign_in(self, login="anna"):
        self.page.goto("/sign-in/")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.goes(self.page.locator("main button[type=submit]"))
        expect(self.page).not_to_have_url(re.compile("sign-in"))

    def goes(self, to):
        """Click what leads to another page, or to the same anew, and wait until that is there: a click alone doesn't,
        and who looked then would look at the page that is about to go.
        """
        with self.page.expect_navigation():
            to.click()

    def look(self, name, path=None):
        """The page is sound: axe finds nothing, nothing scrolls sideways, the browser has nothing to complain of."""
        if path is not None:
            self.page.goto(path)
        self.page.wait_for_load_state()
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{PICTURES}/{name}-{self.view}.png", full_page=True)
        found = Axe().run(self.page, options={"runOnly": RULES}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name
        root = "document.documentElement"
        assert self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, f"{name} scrolls sideways"
        complaints = [
            text for text in self.said if not text.startswith("Failed to load resource: the server responded")
        ]
        assert complaints == [], name


@pytest.fixture(params=VIEWS)
def visit(browser, live_server, request):
    started = Visit(browser, live_server.url, request.param)
    yield started
    started.context.close()


@pytest.fixture
def console(transactional_db, move_clock):
    """A console with people of every kind."""
    move_clock(NOON)
    make_user("anna", is_system_admin=True)
    for name in ("mika", "a-username-that-is-quite-long-for-any-table", "gone"):
        make_user(name)
    make_user("robot", is_bot=True)
    deactivate_user(actor=SHELL, user_id=User.objects.get(username="gone").pk, now=NOON)
