"""The pages Deployment, Customer Portal and Active users."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deployment_acts import activated, allow_all, install
from keywright_console.deployment.models import Activation, DeploymentSettings, State
from keywright_console.deployment.services.change_settings import allow
from keywright_console.deployment.services.fetch_licenses import fetch_licenses
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.selectors import standing
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services.count_day import count_day
from keywright_license.activation import read_release, read_request
from keywright_license.usage import read_reports
from pages import text_of
from portal_fixture import portal
from vendor import DAY, NOON

__all__ = ["portal"]
HERE, LINK, USAGE = "/about/deployment/", "/about/portal/", "/about/usage/"
ON = {"may_speak": "on", "fetches_licenses": "on", "fetches_revocations": "on", "sends_usage": "on"}


def follow(client, path, body=None):
    return text_of(client.post(path, body or {}, follow=True))


def test_without_a_license_there_is_no_place(as_admin):
    shown = text_of(as_admin.get(HERE))
    assert "Without a license there is no place to take." in shown
    assert "Activate online" not in shown
    assert "This server is not activated" not in shown


def test_a_reminder_on_every_page_from_the_first_day(as_admin, vendor, move_clock):
    install(vendor.file())
    for path in ("/users/", HERE, "/account/password/"):
        shown = text_of(as_admin.get(path))
        assert "This server is not activated It takes a minute, online or by files. Nothing stops until then." in shown
    move_clock(NOON + 15 * DAY)
    assert "It should have been within 14 days. Nothing stops" in text_of(as_admin.get("/users/"))


def test_members_are_not_reminded(as_member, vendor):
    install(vendor.file())
    assert "not activated" not in text_of(as_member.get("/account/password/"))


def test_the_reminder_can_be_put_away_until_the_next_sign_in(as_admin, vendor):
    from pages import hidden

    install(vendor.file())
    as_admin.post("/about/license/banner/", {"key": hidden(as_admin.get("/users/"))["key"]})
    assert "This server is not activated" not in text_of(as_admin.get("/users/"))


def test_off_is_said_and_nothing_is_offered(as_admin, vendor, portal):
    install(vendor.file())
    shown = text_of(as_admin.get(HERE))
    assert "This server may not speak to the Customer Portal. Allow it first, or activate by files." in shown
    refused = as_admin.post(HERE + "activate/")
    assert refused.status_code == 422
    assert "so nothing was sent" in text_of(refused)
    assert portal.heard == []
    assert "This server sends nothing to the vendor, and fetches nothing." in text_of(as_admin.get(LINK))


def test_allowing_and_activating_online(as_admin, vendor, portal):
    install(vendor.file())
    assert "Saved. It holds on every node from now on." in follow(as_admin, LINK, ON)
    shown = follow(as_admin, HERE + "activate/")
    assert "This server is activated." in shown
    assert "Activated 12 Mar 2026" in shown
    assert "This server is not activated" not in shown
    assert "Release this server…" in shown


def test_what_is_allowed_is_what_is_ticked(as_admin):
    follow(as_admin, LINK, {"may_speak": "on", "sends_usage": "on"})
    row = DeploymentSettings.objects.get()
    assert (row.may_speak, row.fetches_licenses, row.fetches_revocations, row.sends_usage) == (True, False, False, True)
    follow(as_admin, LINK, {})
    assert not DeploymentSettings.objects.get().may_speak


def test_who_is_in_the_way_is_named(as_admin, vendor, portal):
    portal.taken = "chat.brightwater.example"
    install(vendor.file())
    allow_all()
    refused = as_admin.post(HERE + "activate/")
    shown = text_of(refused)
    assert refused.status_code == 422
    assert "These servers hold the places: chat.brightwater.example" in shown
    assert "no_free_place" in shown
    assert refused.headers["X-Request-Id"] in shown


def test_by_files(as_admin, vendor, portal):
    install(vendor.file())
    download = as_admin.post(HERE + "request/")
    assert download.headers["Content-Disposition"] == 'attachment; filename="deployment.keywright-request"'
    request = read_request(download.content, now=NOON)
    assert "One was made on 12 Mar 2026, 12:00 UTC and has no answer yet." in text_of(as_admin.get(HERE))
    assert as_admin.get(HERE + "request/").content == download.content
    answer = portal.activate(download.content, vendor.file(standing(now=NOON).in_force.license))["activation"]
    wrong = as_admin.post(HERE + "answer/", {"answer": SimpleUploadedFile("x", b"nothing")})
    assert wrong.status_code == 422
    assert "This is not an answer to an activation request" in text_of(wrong)
    assert as_admin.post(HERE + "answer/", {}).status_code == 422
    shown = follow(as_admin, HERE + "answer/", {"answer": SimpleUploadedFile("x", answer.encode())})
    assert "This server is activated." in shown
    assert as_admin.get(HERE + "request/").headers["Location"] == HERE
    assert Activation.objects.get().activation_id == portal.places[request.deployment].id
    assert portal.heard == []


def test_release_by_a_file(as_admin, vendor, portal):
    _license, row = activated(vendor)
    allow(actor=SHELL, now=NOON, may_speak=False)
    asked = text_of(as_admin.get(HERE + "release/"))
    assert "Release by a file" in asked
    assert "Release and tell the portal" not in asked
    shown = follow(as_admin, HERE + "release/", {"how": "file"})
    assert "The place is given back here, and the Customer Portal doesn’t know yet" in shown
    assert "Tell the portal" not in shown
    download = as_admin.get(HERE + "release/file/")
    signed = read_release(download.content, key=hold_key(now=NOON).key.public_key())
    assert signed.activation == row.activation_id


def test_release_online(as_admin, vendor, portal):
    activated(vendor)
    assert "the Customer Portal knows" in follow(as_admin, HERE + "release/", {"how": "online"})
    assert len(portal.released) == 1
    assert as_admin.get(HERE + "release/").headers["Location"] == HERE
    assert as_admin.get(HERE + "release/file/").headers["Location"] == HERE


def test_a_portal_that_is_away_can_be_told_later(as_admin, vendor, portal, settings):
    activated(vendor)
    there = settings.KEYWRIGHT_CONSOLE_PORTAL_URL
    settings.KEYWRIGHT_CONSOLE_PORTAL_URL = "http://127.0.0.1:9"
    refused = as_admin.post(HERE + "release/", {"how": "online"})
    assert refused.status_code == 422
    assert Activation.objects.get().state == State.RELEASED
    assert "Tell the portal" in text_of(refused)
    settings.KEYWRIGHT_CONSOLE_PORTAL_URL = there
    assert "knows that the place is given back" in follow(as_admin, HERE + "release/tell/")


def test_name_and_kind(as_admin, vendor):
    install(vendor.file())
    follow(as_admin, HERE + "name/", {"name": "chat <b>", "kind": "non_production"})
    response = as_admin.get(HERE)
    assert b"chat &lt;b&gt;" in response.content
    assert "Staging, test and so on" in text_of(response)
    assert as_admin.post(HERE + "name/", {"name": "x" * 101, "kind": "other"}).status_code == 422


def test_fetching_now(as_admin, vendor, portal):
    activated(vendor)
    new = vendor.license(seats=270)
    portal.files = [(new, vendor.file(new))]
    assert "1 new license is applied." in follow(as_admin, LINK + "fetch/")
    assert standing(now=NOON).in_force.license.id == new.id
    assert "has nothing that isn’t here" in follow(as_admin, LINK + "fetch/")
    portal.places.clear()
    shown = follow(as_admin, LINK + "fetch/")
    assert "This server holds no place." in shown
    assert "Failed This server holds no place." in text_of(as_admin.get(LINK))


def test_usage_before_the_first_count(as_admin):
    shown = text_of(as_admin.get(USAGE))
    assert "No day is counted yet" in shown
    assert "Without a license there is nobody to report to." in shown
    assert "Export counts" not in shown


def test_usage_shows_word_for_word_what_is_sent(as_admin, vendor, portal):
    install(vendor.file())
    draft = text_of(as_admin.get(USAGE))
    assert "Sending is off, so nothing leaves this server." in draft
    assert "Word for word, as today’s count would be:" in draft
    assert '"active_users": 1' in draft
    for day in range(3):
        count_day(now=NOON - (2 - day) * DAY)
    shown = text_of(as_admin.get(USAGE))
    assert "Word for word, the newest that wait:" in shown
    assert '"seq": 3' in shown
    assert "10 Mar – 12 Mar 2026" in shown
    assert portal.heard == []


def test_usage_is_sent_now_where_it_is_allowed(as_admin, vendor, portal):
    activated(vendor)
    count_day(now=NOON)
    assert "1 count is sent." in follow(as_admin, USAGE + "send/")
    assert sorted(portal.reports) == [1]
    allow(actor=SHELL, now=NOON, sends_usage=False)
    assert "so nothing was sent" in follow(as_admin, USAGE + "send/")


def test_the_export_and_the_csv(as_admin, vendor):
    install(vendor.file())
    for day in range(3):
        count_day(now=NOON - (2 - day) * DAY)
    download = as_admin.get(USAGE + "export/")
    data = b"".join(download.streaming_content)
    assert [one.report.seq for one in read_reports(data, key=hold_key(now=NOON).key.public_key())] == [1, 2, 3]
    table = as_admin.get(USAGE + "csv/").content.decode().splitlines()
    assert table[0] == "day,active_users,deactivated_users,bots,seats,signed,sent_at"
    assert table[3] == "2026-03-12,1,0,0,250,1,"


def test_a_key_that_can_not_be_opened_is_told_on_the_page(as_admin, vendor, settings):
    install(vendor.file())
    count_day(now=NOON)
    DailyCount.objects.update(sent_at=NOON)
    from keywright_console.deployment.models import DeploymentKey

    DeploymentKey.objects.update(sealed=b"x" * 80)
    response = as_admin.get(USAGE)
    assert response.status_code == 200
    assert "Counts can’t be signed" in text_of(response)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (HERE + "name/", {"name": "x", "kind": "production"}),
        (HERE + "activate/", {}),
        (HERE + "request/", {}),
        (HERE + "answer/", {}),
        (HERE + "release/", {"how": "online"}),
        (HERE + "release/tell/", {}),
        (LINK, ON),
        (LINK + "fetch/", {}),
        (USAGE + "send/", {}),
    ],
)
def test_a_member_changes_nothing(as_member, vendor, portal, path, body):
    activated(vendor)
    before, heard = list(Activation.objects.values()), len(portal.heard)
    settings_before = list(DeploymentSettings.objects.values())
    assert as_member.post(path, body).status_code == 403
    assert as_member.get(path).status_code in (403, 405)
    assert list(Activation.objects.values()) == before
    assert list(DeploymentSettings.objects.values()) == settings_before
    assert len(portal.heard) == heard


@pytest.mark.parametrize(
    "path", [HERE, HERE + "request/", HERE + "release/", LINK, *(USAGE + one for one in ("", "export/", "csv/"))]
)
def test_a_member_sees_nothing(as_member, vendor, path):
    install(vendor.file())
    count_day(now=NOON)
    assert as_member.get(path).status_code == 403


def test_word_for_word_is_json(as_admin, vendor):
    import re

    install(vendor.file())
    count_day(now=NOON)
    body = as_admin.get(USAGE).content.decode()
    (said,) = re.findall(r"<code>(.*?)</code>", body, re.DOTALL)
    assert json.loads(said.replace("&quot;", '"'))["seq"] == 1


def test_the_audit_log_says_what_was_done_and_that_nobody_did_it(as_admin, vendor, portal):
    activated(vendor)
    new = vendor.license(seats=270)
    portal.files = [(new, vendor.file(new))]
    fetch_licenses(now=NOON)
    shown = text_of(as_admin.get("/system/audit-log/"))
    assert f"License applied {new.id} By itself" in shown
    assert "Server activated" in shown
    assert "Customer Portal settings changed" in shown
