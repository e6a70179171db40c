"""The pages in Chromium: a file is brought and its answer carried away, and axe-core finds nothing at any width."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import expect

from in_chromium import WCAG
from keywright_portal.kit.actor import system
from keywright_portal.licensing.deployment_models import Deployment
from keywright_portal.licensing.services.activate import activate
from keywright_portal.licensing.services.record_usage import record_usage
from keywright_portal.licensing.services.release import ask_release
from licensed import license_for
from server_double import Server

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(1280, "light"), (1024, "dark"), (375, "dark")]
PICTURES = os.environ.get("KEYWRIGHT_PICTURES")
"""A folder for what the pages look like; none are taken without."""


@pytest.fixture
def server(owner, buyer, at):
    """At the real time of day: the browser keeps its session by that."""
    now = datetime.now(tz=UTC)
    at(now)
    started = now - timedelta(days=120)
    return Server(license_for(buyer.organization, now=started), now, name="chat.brightwater.example")


@pytest.fixture
def tab(chromium, live_server, owner, server):
    """A signed-in tab of a width and a theme, and what its console complains of."""
    complaints = []

    def _tab(width, theme):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": owner.client.cookies[name].value, "url": live_server.url}])
        opened = context.new_page()
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        return opened

    yield _tab
    assert complaints == []


def judge(opened, name):
    """What axe-core finds, and whether the page scrolls sideways."""
    found = Axe().run(opened, options=WCAG).response["violations"]
    said = [f"{name}: {one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
    overflow = opened.evaluate("document.documentElement.scrollWidth - innerWidth")
    if PICTURES:
        opened.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    return said + ([f"{name}: {overflow} pixels too wide"] if overflow > 0 else [])


def live_through_a_term(server, buyer):
    """Servers in every state, and a count that passes the seats."""
    now, actor = server.now, system("test")
    activate(request=server.request(), actor=actor, now=now)
    staging = Server(server.file, now, kind="non_production", name="staging.chat.brightwater.example")
    lost = Server(server.file, now, kind="non_production", name=None, version=None)
    for one in (staging, lost):
        activate(request=one.request(), actor=actor, now=now)
    ask_release(actor=buyer.actor, deployment_pk=Deployment.objects.get(kid=lost.kid).pk, now=now)
    chance, lines = random.Random(1), []
    for day in range(120):
        at = now - timedelta(days=119 - day)
        users = 141 + day * 2 // 3 + chance.randrange(4)
        lines.append(server.report(users, issued_at=at, since=at))
    del lines[70:80], lines[100:101]
    record_usage(reports=b"\n".join(lines), actor=actor, now=now)


def test_a_request_is_brought_and_its_answer_carried_away(tab, live_server, owner, server, tmp_path):
    request = tmp_path / "chat.keywright-request"
    request.write_bytes(server.request())
    opened = tab(1280, "light")
    opened.goto(f"{live_server.url}{owner.url('deployments')}")
    expect(opened.get_by_text("Not activated yet")).to_be_visible()
    opened.locator("input[type=file]").set_input_files(request)
    opened.get_by_role("button", name="Bring this file").click()
    expect(opened.get_by_role("heading", name="chat.brightwater.example has its place")).to_be_visible()
    with opened.expect_download() as download:
        opened.get_by_role("link", name="Download the answer").click()
    assert download.value.suggested_filename == "chatbrightwaterexample.keywright-activation"
    assert Path(download.value.path()).read_bytes().count(b".") == 4  # an answer and a certificate
    opened.goto(f"{live_server.url}{owner.url('subscriptions')}")
    expect(opened.get_by_text("Not activated yet")).to_have_count(0)


def test_nothing_is_found_on_any_page_at_any_width_in_either_theme(tab, live_server, owner, server, buyer):
    said = []
    pages = {
        "deployments": owner.url("deployments"),
        "active-users": owner.url("active-users"),
        "subscriptions": owner.url("subscriptions"),
    }
    for width, theme in LOOKS[:1]:
        opened = tab(width, theme)
        for name, address in pages.items():
            opened.goto(f"{live_server.url}{address}")
            said += judge(opened, f"empty-{name}-{width}-{theme}")
    live_through_a_term(server, buyer)
    place = Deployment.objects.get(kid=server.kid)
    pages |= {
        "table": f"{owner.url('active-users')}?view=table",
        "release": owner.url("deployment-release", deployment_id=place.pk),
        "answered": f"{owner.url('deployments')}?answered={place.pk}",
    }
    for width, theme in LOOKS:
        opened = tab(width, theme)
        for name, address in pages.items():
            opened.goto(f"{live_server.url}{address}")
            said += judge(opened, f"{name}-{width}-{theme}")
    assert said == []
