"""Every component on every shell, in a real browser, under a strict policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PAGES = ["topbar/", "split/", "split/?bound", "single/", "console/"]
PATIENCE_MS = 8_000
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@dataclass
class Seen:
    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Seen]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    yield seen
    context.close()


def _violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "opened", [(1280, "light"), (1280, "dark"), (768, "light"), (375, "light"), (375, "dark")], indirect=True
)
def test_a_page_is_accessible_fits_its_window_and_needs_nothing_inline(opened, gallery_url, path):
    page = opened.page
    page.goto(gallery_url + "/" + path)
    page.evaluate("document.fonts.ready")

    assert opened.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert _violations(page) == []


@pytest.mark.parametrize("opened", [(1280, "light"), (375, "dark")], indirect=True)
def test_a_dialog_is_accessible_and_gives_focus_back(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/topbar/")
    opener = page.get_by_role("button", name="Remove license…")
    opener.click()
    dialog = page.get_by_role("dialog", name="Remove this license?")

    assert dialog.is_visible()
    assert _violations(page) == []
    dialog.get_by_role("button", name="Keep it").click()
    assert not page.locator("dialog").is_visible()
    assert opener.evaluate("element => element === document.activeElement")


DESKTOP = pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)


@DESKTOP
def test_the_theme_that_was_chosen_is_there_before_the_next_page_is_painted(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/topbar/")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.goto(gallery_url + "/console/", wait_until="commit")
    page.wait_for_selector("head > script", state="attached")

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 16, 20)"


@DESKTOP
def test_copying_is_confirmed_to_eyes_and_ears(opened, gallery_url):
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(gallery_url + "/topbar/")
    page.get_by_role("button", name="Copy reference").click()

    expect(page.locator("#kw-spoken")).to_have_text("Copied")
    assert page.locator(".kw-copy.is-copied").inner_text() == "Copied"
    assert page.evaluate("navigator.clipboard.readText()") == "PAY-7F3K-92QD"


@DESKTOP
def test_copying_works_without_the_clipboard_interface(opened, gallery_url):
    page = opened.page
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(gallery_url + "/topbar/")
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.getSelection().toString(); })")
    page.get_by_role("button", name="Copy the command").click()

    expect(page.locator("#kw-spoken")).to_have_text("Copied")
    assert page.evaluate("window.copied") == "keywright-console license upload FILE"


@DESKTOP
def test_a_stepper_steps_within_its_bounds_and_says_so_to_listeners(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/split/")
    page.evaluate("window.heard = []; document.addEventListener('input', e => heard.push(e.target.value))")
    more, fewer = page.get_by_role("button", name="One more"), page.get_by_role("button", name="One fewer")
    more.click()
    more.click()
    fewer.click()
    fewer.click()
    page.get_by_label("Number of users").fill("9007199254740993")
    more.click()

    assert page.evaluate("heard") == ["1", "2", "1", "1", "9007199254740993", "9007199254740994"]


@DESKTOP
def test_a_chosen_file_is_named(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/console/")
    page.get_by_label("License file").set_input_files(
        {"name": "a.license", "mimeType": "text/plain", "buffer": b"x" * 3000}
    )

    assert page.locator("[data-kw-drop-name]").inner_text() == "a.license, 3 KB"


@DESKTOP
def test_a_message_is_dismissed_and_focus_goes_to_the_next(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/topbar/")
    page.get_by_role("button", name="Dismiss").first.click()

    assert page.locator("#kw-messages .kw-note").count() == 3
    assert page.evaluate("document.activeElement.closest('.kw-note').innerText.trim()") == "Not saved."


@DESKTOP
def test_a_password_can_be_shown(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/single/")
    page.get_by_role("button", name="Show the password").click()

    assert page.locator("#id_password").get_attribute("type") == "text"
    assert page.get_by_role("button", name="Show the password").get_attribute("aria-pressed") == "true"


@DESKTOP
def test_the_skip_link_leads_to_the_content(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/topbar/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("opened", [(375, "light")], indirect=True)
def test_on_a_phone_the_current_tab_is_in_view_and_the_console_has_a_menu(opened, gallery_url):
    page = opened.page
    page.goto(gallery_url + "/topbar/")
    box = page.locator(".kw-tabs [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375

    page.goto(gallery_url + "/console/")
    assert not page.get_by_role("link", name="Users").is_visible()
    page.get_by_role("button", name="Menu").click()
    assert page.get_by_role("link", name="Users").is_visible()
