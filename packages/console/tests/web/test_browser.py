"""Every page in Chromium: light, dark and on a phone, with axe finding nothing and nothing scrolling sideways."""

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
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from keywright_console.users.services.create_first_admin import make_setup_code
from keywright_console.users.services.deactivate_user import deactivate_user
from vendor import DAY, NOON

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
LAST_DAY = NOON.replace(hour=0) + 364 * DAY
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
        self.page.click("main button[type=submit]")
        expect(self.page).not_to_have_url(re.compile("sign-in"))

    def look(self, name, path=None):
        """The page is sound: axe finds nothing, nothing scrolls sideways, the browser has nothing to complain of."""
        if path is not None:
            self.page.goto(path)
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


def install(data, now=NOON):
    apply_license(actor=SHELL, data=data, active_users=0, now=now)


def write(tmp_path, data, name="brightwater-e20-270.keywright-license"):
    file = tmp_path / name
    file.write_bytes(data)
    return file


def choose(visit, file):
    visit.page.goto("/about/license/")
    visit.page.set_input_files("input[type=file]", file)
    visit.page.wait_for_url("**/preview/")


def test_set_up(visit, transactional_db, move_clock):
    move_clock(NOON)
    code = make_setup_code(now=NOON)
    visit.look("set-up", "/")
    visit.page.fill("[name=code]", "wrong")
    for name, value in (("email", "a@example.com"), ("username", "anna"), ("password", PASSWORD)):
        visit.page.fill(f"[name={name}]", value)
    visit.page.click("main button[type=submit]")
    visit.look("set-up-refused")
    visit.page.fill("[name=code]", code)
    visit.page.fill("[name=password]", PASSWORD)
    visit.page.click("main button[type=submit]")
    expect(visit.page.get_by_role("heading", name="Free edition")).to_be_visible()
    visit.look("license-none")


def test_pages_without_a_license(visit, console):
    visit.look("sign-in", "/sign-in/")
    visit.page.fill("[name=login]", "anna")
    visit.page.fill("[name=password]", "wrong")
    visit.page.click("main button[type=submit]")
    visit.look("sign-in-refused")
    visit.sign_in()
    for name, path in {
        "users": "/users/",
        "users-none": "/users/?q=nobody-at-all",
        "user-new": "/users/new/",
        "user-activate": f"/users/{User.objects.get(username='gone').public_id}/activate/",
        "user-deactivate": f"/users/{User.objects.get(username='mika').public_id}/deactivate/",
        "ldap-closed": "/users/ad-ldap/",
        "cluster-closed": "/system/high-availability/",
        "server": "/about/server/",
        "audit": "/system/audit-log/",
        "password": "/account/password/",
        "not-found": "/nothing/",
    }.items():
        visit.look(name, path)
    visit.page.goto("/users/new/")
    for name, value in (("email", "x@example.com"), ("username", "anna"), ("password", PASSWORD)):
        visit.page.fill(f"[name={name}]", value)
    visit.page.click("main button[type=submit]")
    visit.look("user-new-refused")


def test_license_from_choosing_to_removing(visit, console, vendor, tmp_path):
    install(vendor.file(seats=250))
    install(vendor.file(seats=260, starts=NOON.replace(hour=0) + 365 * DAY))
    visit.sign_in()
    visit.look("license", "/about/license/")
    choose(visit, write(tmp_path, b"This is nothing."))
    visit.look("license-refused")
    expect(visit.page.locator("#refusal")).to_be_focused()
    new = vendor.license(seats=270)
    choose(visit, write(tmp_path, vendor.file(new)))
    visit.look("license-preview")
    visit.page.get_by_role("button", name="Apply license").click()
    expect(visit.page.get_by_text("The license is in use, on every node.")).to_be_visible()
    visit.look("license-applied")
    assert standing(now=NOON).in_force.license.id == new.id
    visit.page.locator("[data-kw-open=remove]").click()
    dialog = visit.page.get_by_role("dialog", name="Remove this license?")
    expect(dialog).to_be_visible()
    visit.look("license-remove-dialog")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    assert standing(now=NOON).in_force is not None
    visit.page.locator("[data-kw-open=remove]").click()
    dialog.get_by_role("button", name="Remove license").click()
    expect(visit.page.get_by_text("The license is removed.")).to_be_visible()
    assert standing(now=NOON).in_force is None


def test_license_states(visit, console, vendor, move_clock):
    install(vendor.file(seats=2))
    visit.sign_in()
    visit.look("license-over", "/about/license/")
    for name, path in {"ldap": "/users/ad-ldap/", "cluster": "/system/high-availability/"}.items():
        visit.look(name, path)
    visit.look("license-remove", "/about/license/remove/")
    for name, now in {
        "license-30-days": LAST_DAY - 30 * DAY,
        "license-5-days": LAST_DAY - 5 * DAY,
        "license-grace": LAST_DAY + 3 * DAY,
        "license-expired": LAST_DAY + 30 * DAY,
    }.items():
        move_clock(now)
        visit.look(name, "/about/license/")
    InstalledLicense.objects.update(data=b"garbage")
    visit.look("license-broken", "/about/license/")


def test_what_a_member_sees(visit, console, vendor):
    install(vendor.file())
    visit.sign_in("mika")
    expect(visit.page.get_by_role("heading", name="Password")).to_be_visible()
    visit.look("forbidden", "/about/license/")


def test_a_file_can_be_dropped(visit, console, vendor, tmp_path):
    """Dropped from the desktop, near the edge of the zone: the preview follows without another click."""
    visit.sign_in()
    visit.page.goto("/about/license/")
    zone = visit.page.locator(".kw-drop")
    zone.scroll_into_view_if_needed()
    box = zone.bounding_box()
    what = {
        "x": box["x"] + box["width"] / 2,
        "y": box["y"] + box["height"] - 10,
        "data": {
            "items": [],
            "files": [str(write(tmp_path, vendor.file(seats=270), "dropped.keywright-license"))],
            "dragOperationsMask": 1,
        },
    }
    browser = visit.context.new_cdp_session(visit.page)
    for event in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": event, **what})
    expect(visit.page.get_by_text("dropped.keywright-license")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Apply license")).to_be_visible()


def test_without_a_script_the_same_can_be_done(browser, live_server, console, vendor, tmp_path):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto("/about/license/")
    page.set_input_files("input[type=file]", write(tmp_path, vendor.file(seats=270)))
    page.get_by_role("button", name="Show what it changes").click()
    page.get_by_role("button", name="Apply license").click()
    page.get_by_role("link", name="Remove license…").click()
    page.get_by_role("button", name="Remove license").click()
    expect(page.get_by_role("heading", name="Free edition")).to_be_visible()
    context.close()
