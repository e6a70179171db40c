"""`make walkthrough`: a fresh demo on ports of its own, every procedure, a picture of each step, an index page.

Fails at the first step that isn't as it should be, and says which.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright

from demo.place import HOST, PORTS, ROOT, DemoError, Place, find_place
from demo.processes import Processes
from demo.starting import start
from demo.walkthrough.book import Book
from demo.walkthrough.guide import Guide, WalkthroughError
from demo.walkthrough.procedures import PROCEDURES
from demo.walkthrough.story import Story

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM_ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def main() -> int:
    folder = ROOT / "build" / "walkthrough"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="kw-walk-") as state:
        os.environ["KEYWRIGHT_DEMO_DIR"] = state
        os.environ.update({name: str(port) for name, port in zip(PORTS, _free_ports(len(PORTS)), strict=True)})
        place = find_place()
        processes = Processes(logs=folder / "log")
        try:
            print("\nKeywright walkthrough", flush=True)
            start(place, processes)
            shutil.copy(place.trusted_keys, folder)  # beside the license key, so that both can be looked at afterwards
            return play(place, folder)
        except DemoError as error:
            print(f"\n{error}", file=sys.stderr)
            return 1
        finally:
            processes.stop()


def play(place: Place, folder: Path) -> int:
    book = Book(folder=folder)
    steps: list[str] = []
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("KEYWRIGHT_CHROMIUM") or shutil.which("chromium"),
                args=CHROMIUM_ARGUMENTS,
            )
            story = Story(place=place, guide=Guide(browser, book, steps), folder=folder)
            for title, procedure in PROCEDURES:
                print(f"\n{title}", flush=True)
                book.chapter(title)
                procedure(story)
            summary = browser.new_page(viewport={"width": 1920, "height": 585})
            summary.goto(book.write_summary_page().as_uri())
            summary.screenshot(path=folder / "summary.png")
            browser.close()
    except (WalkthroughError, AssertionError, BrowserError) as error:
        print(f"\nStep {len(steps)}, “{steps[-1]}”, isn’t as it should be:\n{error}", file=sys.stderr)
        return 1
    finally:
        index = book.write_index()
        print(f"\n  Pictures: {index}", flush=True)
    print(f"  All {len(steps)} steps are as they should be.", flush=True)
    return 0


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


if __name__ == "__main__":
    sys.exit(main())
