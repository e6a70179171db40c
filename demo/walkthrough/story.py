"""What the procedures share: who they are about, what is carried from one to the next, and steps that recur."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import FrameLocator

from demo.place import BIN, Place
from demo.walkthrough.guide import Guide, WalkthroughError

NAME: Final = "Ana Ferreira"
EMAIL: Final = "ana.ferreira@brightwater.example"
PASSWORD: Final = "cargo-harbor-lantern-7"
ORGANIZATION: Final = "Brightwater Logistics GmbH"
HOME: Final = "/o/brightwater-logistics-gmbh/"
CHALLENGE: Final = "4000002500003155"
DECLINED: Final = "4000000000000002"
SEATS: Final = 200
TOTAL: Final = "€26,846.40"
"""200 users of E20 with Premier Support, with 19 % of German VAT."""
MEMBER: Final = "sam"
MEMBER_PASSWORD: Final = "walkthrough-member-1"


@dataclass
class Story:
    """What is carried from one procedure to the next."""

    place: Place
    guide: Guide
    folder: Path
    license_file: Path | None = None
    reference: str = ""
    invoice: str = ""
    invoiced_at: str = ""

    def portal(self, path: str = "/") -> None:
        self.guide.page.goto(f"{self.place.portal_url}{path}")

    def console(self, path: str = "/") -> None:
        self.guide.page.goto(f"{self.place.console_url}{path}")

    @property
    def file(self) -> Path:
        if self.license_file is None:
            raise WalkthroughError("no license key was downloaded")
        return self.license_file


def pick(story: Story, label: str) -> None:
    """Select a card by its label, as a finger does: the whole card is the label."""
    story.guide.page.locator("label").get_by_text(label, exact=True).filter(visible=True).click()


def open_mail(story: Story, subject: re.Pattern[str]) -> None:
    """The newest mail with such a subject; mails go out by the worker, so it may take a second."""
    page = story.guide.page
    for _ in range(40):
        story.portal("/demo/mail/")
        link = page.locator("main").get_by_role("link", name=subject)
        if link.count():
            link.first.click()
            return
        page.wait_for_timeout(250)
    raise WalkthroughError(f"no mail came with {subject.pattern!r} in its subject")


def follow_mail_link(story: Story, name: re.Pattern[str]) -> None:
    """Select the mail's button, which leads to the page itself."""
    frame = story.guide.page.frame_locator("iframe")
    address = frame.get_by_role("link", name=name).first.get_attribute("href")
    if not address:
        raise WalkthroughError("the mail has no such button")
    story.guide.page.goto(address)


def enter_billing(story: Story) -> None:
    page = story.guide.page
    page.get_by_label("Street and number").fill("Speicherweg 14")
    page.get_by_label("Postal code").fill("20457")
    page.get_by_label("City").fill("Hamburg")
    page.get_by_label(re.compile("^Purchase order")).fill("PO-2026-1187")
    page.get_by_label(re.compile("^I accept the Terms")).check()


def enter_card(story: Story, number: str) -> None:
    """Into the payment provider's own frame."""
    card = card_frame(story)
    card.get_by_label(re.compile("card number", re.IGNORECASE)).fill(number)
    card.get_by_label(re.compile("expir", re.IGNORECASE)).fill("12 / 30")
    card.get_by_label(re.compile("cvc|security", re.IGNORECASE)).fill("123")


def card_frame(story: Story) -> FrameLocator:
    return story.guide.page.frame_locator(f"iframe[src^='{story.place.simulator_url}']").first


def submit_file(story: Story) -> None:
    """Where choosing a file doesn't send it by itself."""
    button = story.guide.page.get_by_role("button", name=re.compile("^(preview|show|upload)", re.IGNORECASE))
    if button.count() and button.first.is_visible():
        button.first.click()


def verify(story: Story) -> dict[str, Any]:
    command = [BIN / "keywright-license", "verify", story.file, "--key", story.place.trusted_keys]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def console(story: Story, *arguments: str) -> str:
    """Run `keywright-console` on the demo's database."""
    done = subprocess.run(
        [str(BIN / "keywright-console"), *arguments],
        env=story.place.console_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WalkthroughError(f"keywright-console {' '.join(arguments[:2])}: {done.stderr}")
    return done.stdout
