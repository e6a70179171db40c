"""Someone at a browser: does a step, says so, looks whether it is as it should be, and takes a picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from demo.walkthrough.book import Book

WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIEWS: Final[dict[str, tuple[Any, int, int]]] = {
    "light": ("light", 1280, 900),
    "dark": ("dark", 1280, 900),
    "phone": ("light", 375, 812),
}
TALLEST: Final = 6_000
"""Pixels that a picture may be high."""
PATIENCE: Final = 15_000
"""Milliseconds that a page may take to show what is looked for. On two busy cores; alone it takes a fraction."""
NO_COMPLAINTS: Final = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")


class WalkthroughError(Exception):
    """A page wasn't as it should be."""


@dataclass
class Guide:
    """One person's browser. Two guides share the book and the count of steps."""

    browser: Browser
    book: Book
    steps: list[str]
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._heed(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def _heed(self, kind: str, text: str) -> None:
        """Keep what the browser complains of. What is refused on purpose, or cut off by a newer choice, isn't one."""
        if kind == "error" and not any(part in text for part in NO_COMPLAINTS):
            self.complaints.append(text)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Print the step, do it, print that it went as it should."""
        self.steps.append(text)
        print(f"  {len(self.steps):3d}. {text} …", end="", flush=True)
        began = time.monotonic()
        try:
            yield
            self._hear()
        except Exception:
            print(" NOT as it should be", flush=True)
            raise
        print(f" ok ({time.monotonic() - began:.1f} s)", flush=True)

    def _hear(self) -> None:
        if self.complaints:
            raise WalkthroughError("the browser complains: " + "; ".join(self.complaints))

    def follow(self, target: Locator) -> None:
        """Click what leads to another page, or to the same anew, and wait until that is there. A click alone doesn't:
        what was looked at or done next would be on the page that is about to go.
        """
        with self.page.expect_navigation():
            target.click()

    def see(self, *texts: str) -> None:
        """Each text stands on the page, where a person sees it."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=PATIENCE)

    def picture(self, title: str) -> None:
        """In light, in dark and on a phone; in each, no violation of WCAG 2.2 A or AA and no sideways scroll."""
        self.page.wait_for_load_state()
        for file, (view, (scheme, width, height)) in zip(
            self.book.names(title, tuple(VIEWS)), VIEWS.items(), strict=True
        ):
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.evaluate("window.scrollTo(0, 0)")
            # What lies below the window isn't painted in frames of another origin, so the window is made to hold it.
            whole = min(self.page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            self.page.set_viewport_size({"width": width, "height": max(height, whole)})
            self.page.wait_for_timeout(250)  # a theme's colours fade over, frames repaint; in between is neither
            self.page.screenshot(path=file, full_page=True)
            self._judge(f"{title} ({view})")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def _judge(self, where: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if wide:
            raise WalkthroughError(f"{where} scrolls sideways")
        found = Axe().run(
            self.page, options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
        )
        if found.violations_count:
            raise WalkthroughError(f"{where}: {found.generate_report()}")
