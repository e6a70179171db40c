"""The pages of the deployment in Chromium: light, dark and on a phone, with axe finding nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from deployment_acts import allow_all, install
from keywright_console.deployment.selectors import place_of
from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.release import release
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.selectors import standing
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services.count_day import count_day
from portal_fixture import portal
from vendor import DAY, NOON, START

__all__ = ["portal"]
HERE, LINK, USAGE = "/about/deployment/", "/about/portal/", "/about/usage/"


def many_days():
    """A year of counts that pass the seats, with a week in which the server was off."""
    line = bytes(DailyCount.objects.get().line)
    DailyCount.objects.bulk_create(
        DailyCount(
            day=(NOON - day * DAY).date(),
            counted_at=NOON - day * DAY,
            active_users=272 - day // 3,
            deactivated_users=37,
            bots=12,
            seats=250,
            seq=1000 - day,
            subscription="sub-1",
            line=line,
        )
        for day in range(1, 380)
        if not 100 <= day < 107
    )


def test_without_a_license(visit, console):
    visit.sign_in()
    for name, path in {"deployment-free": HERE, "portal-off": LINK, "usage-free": USAGE}.items():
        visit.look(name, path)


def test_from_allowing_to_releasing(visit, console, vendor, portal, tmp_path):
    install(vendor.file())
    portal.taken = "chat-with-a-rather-long-name.brightwater-logistics.example"
    visit.sign_in()
    visit.look("deployment-off", HERE)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Download request").click()
    assert download.value.suggested_filename == "deployment.keywright-request"
    visit.page.goto(LINK)
    for label in ("may speak", "Fetch license changes", "withdrawn", "Send the daily count"):
        visit.page.get_by_label(label).check()
    visit.page.get_by_role("button", name="Save").click()
    expect(visit.page.get_by_text("Saved.")).to_be_visible()
    visit.look("portal-on")
    visit.page.goto(HERE)
    visit.look("deployment-missing")
    visit.page.get_by_role("button", name="Activate online").click()
    expect(visit.page.locator("#refusal")).to_be_focused()
    visit.look("deployment-refused")
    portal.taken = None
    visit.page.get_by_role("button", name="Activate online").click()
    expect(visit.page.get_by_text("This server is activated.")).to_be_visible()
    visit.look("deployment-activated")
    visit.goes(visit.page.get_by_role("link", name="Release this server…"))
    visit.look("deployment-release")
    visit.goes(visit.page.get_by_role("button", name="Release by a file"))
    visit.look("deployment-untold")
    assert place_of(standing(now=NOON)).is_missing


def test_counts(visit, console, vendor, portal):
    install(vendor.file(starts=START - 300 * DAY))
    allow_all()
    activate(actor=SHELL, now=NOON)
    count_day(now=NOON)
    visit.sign_in()
    visit.look("usage-one-day", USAGE)
    many_days()
    visit.look("usage", USAGE)
    visit.page.get_by_text("Show 373 days as a table").click()
    visit.look("usage-table")
    release(actor=SHELL, now=NOON)
    visit.look("portal-exchanges", LINK)
