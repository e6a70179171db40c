"""The sources of licenses in Chromium: light, dark and on a phone, with axe finding nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from vendor import NOON


def test_sources_and_what_is_not_used(visit, console, vendor, settings, tmp_path):
    on_disk = tmp_path / "acme.keywright-license"
    settings.KEYWRIGHT_CONSOLE_LICENSE_FILE = str(on_disk)
    apply_license(actor=SHELL, data=vendor.file(seats=250), active_users=0, now=NOON)
    on_disk.write_bytes(vendor.file(seats=300))
    visit.sign_in()
    visit.look("license-file-ignored", "/about/license/")
    visit.page.get_by_role("link", name="See where licenses come from").click()
    expect(visit.page.locator("#sources")).to_be_in_viewport()
    settings.KEYWRIGHT_CONSOLE_LICENSE = vendor.file(seats=400).decode()
    visit.look("license-from-environment", "/about/license/")
    visit.page.set_input_files("input[type=file]", on_disk)
    visit.page.wait_for_url("**/preview/")
    visit.look("license-preview-outdone")
    settings.KEYWRIGHT_CONSOLE_LICENSE = "nothing"
    visit.look("license-environment-unreadable", "/about/license/")
