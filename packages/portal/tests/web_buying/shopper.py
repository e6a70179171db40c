"""Somebody who buys in a real browser, from the portal, with the payment provider's simulator."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from in_chromium import WCAG

PATIENCE_MS = 15_000
GOOD, DECLINED = "4242424242424242", "4000000000000002"
ASKS_ONCE, ASKS_ALWAYS = "4000002500003155", "4000002760003184"
CHALLENGE = "dialog[open] iframe"
EXPECTED = (
    "402 (Payment Required)",  # the provider's answer to its own script when a card is declined
    "429 (Too Many Requests)",  # ours, when too many were tried
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_FAILED",
    "htmx:afterRequest",  # with the next two: leaving the page cut a request for the Order summary off
    "htmx:sendError",
    "htmx:sendAbort",
)
"""What a browser or a script says on its console without any fault of a page's."""


@dataclass
class Shopper:
    """A tab of a browser in which the buyer is signed in."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def in_new_tab(cls, context: BrowserContext, url: str) -> Shopper:
        shopper = cls(context.new_page(), url)
        shopper.page.on("console", lambda said: shopper._heard(said.text) if said.type == "error" else None)
        shopper.page.on("pageerror", lambda error: shopper._heard(str(error)))
        return shopper

    def _heard(self, text: str) -> None:
        if not any(part in text for part in EXPECTED):
            self.complaints.append(text)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/o/brightwater-logistics/{path}")

    def choose(self, *, plan: str = "E20", users: str = "200", premier: bool = False) -> None:
        """The buy page, and on to payment."""
        self.open("buy/")
        self.page.locator(f"label[for=plan-{plan}]").click()
        self.page.get_by_label("Number of users").fill(users)
        if premier:
            self.page.locator(f"label[for=add-on-{plan}-premier-support]").click()
        self.page.get_by_role("button", name="Next Step").click()
        self.page.wait_for_url("**/payment/")

    def fill_in(self, card: str | None = GOOD) -> None:
        """Billing address, Terms, and a card unless it is None."""
        self.page.get_by_label("Street and number").fill("Speicherweg 14")
        self.page.get_by_label("Postal code").fill("20457")
        self.page.get_by_label("City").fill("Hamburg")
        if card is not None:
            self.enter_card(card)
        self.page.get_by_label("I accept the Terms").check()

    def enter_card(self, number: str) -> None:
        expect(self.page.locator("#complete, #save")).to_be_enabled()
        fields = self.page.frame_locator("#card-fields iframe")
        fields.locator("#number").fill(number)
        fields.locator("#expiry").fill("12 / 34")
        fields.locator("#cvc").fill("123")

    def complete(self) -> None:
        self.page.get_by_role("button", name="Complete").click()

    @property
    def bank(self) -> FrameLocator:
        return self.page.frame_locator(CHALLENGE)

    def answer_bank(self, button: str) -> None:
        self.bank.get_by_role("button", name=button).click()

    def has_license(self) -> None:
        self.page.wait_for_url("**/license/")
        expect(self.page.get_by_role("heading", name="Your license is ready")).to_be_visible()

    def has_invoice(self) -> None:
        self.page.wait_for_url("**/invoice/")
        expect(self.page.get_by_role("heading", name="Your invoice is ready")).to_be_visible()

    def is_told(self, title: str) -> None:
        """A note with this title is there and has the focus."""
        note = self.page.locator("#payment-notes .kw-note")
        expect(note.get_by_role("heading", name=title)).to_be_visible()
        expect(note).to_be_focused()

    def judge(self) -> list[str]:
        """What axe-core finds, and whether the page scrolls sideways."""
        found = Axe().run(self.page, options=WCAG).response["violations"]
        said = [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
        overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return said + ([f"{overflow} pixels wider than the window"] if overflow > 0 else [])
