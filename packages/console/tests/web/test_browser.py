"""Every page in Chromium: light, dark and on a phone, with axe finding nothing and nothing scrolling sideways."""

from __future__ import annotations

from playwright.sync_api import expect

from conftest import PASSWORD
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from keywright_console.users.services.create_first_admin import make_setup_code
from vendor import DAY, NOON

LAST_DAY = NOON.replace(hour=0) + 364 * DAY


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
    visit.goes(visit.page.locator("main button[type=submit]"))
    visit.look("set-up-refused")
    visit.page.fill("[name=code]", code)
    visit.page.fill("[name=password]", PASSWORD)
    visit.goes(visit.page.locator("main button[type=submit]"))
    expect(visit.page.get_by_role("heading", name="Free edition")).to_be_visible()
    visit.look("license-none")


def test_pages_without_a_license(visit, console):
    visit.look("sign-in", "/sign-in/")
    visit.page.fill("[name=login]", "anna")
    visit.page.fill("[name=password]", "wrong")
    visit.goes(visit.page.locator("main button[type=submit]"))
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
    visit.goes(visit.page.locator("main button[type=submit]"))
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
    with page.expect_navigation():
        page.click("main button[type=submit]")
    page.goto("/about/license/")
    page.set_input_files("input[type=file]", write(tmp_path, vendor.file(seats=270)))
    page.get_by_role("button", name="Show what it changes").click()
    page.get_by_role("button", name="Apply license").click()
    page.get_by_role("link", name="Remove license…").click()
    page.get_by_role("button", name="Remove license").click()
    expect(page.get_by_role("heading", name="Free edition")).to_be_visible()
    context.close()
