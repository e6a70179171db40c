import base64
import re

import pytest
from bad_files import BAD

from conftest import make_user, signed_in
from keywright_console.kit.actor import SHELL
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from keywright_license import Format
from pages import apply_shown, hidden, text_of, upload
from vendor import DAY, NOON

PAGE = "/about/license/"
START = NOON.replace(hour=0)


def install(data, now=NOON):
    apply_license(actor=SHELL, data=data, active_users=0, now=now)


def page(client):
    response = client.get(PAGE)
    assert response.status_code == 200
    return text_of(response)


def people(count):
    """Members without a password, as many as it takes."""
    User.objects.bulk_create(
        User(email=f"u{n}@example.com", username=f"u{n}", password="!", created_at=NOON, updated_at=NOON)
        for n in range(count)
    )


def test_without_a_license_it_is_the_free_edition(as_admin):
    make_user("ben")
    shown = page(as_admin)
    assert "Free edition No license" in shown
    assert "Your 2 active users and their data stay as they are." in shown
    assert "Drop a license file here, or choose a file" in shown
    assert "Buy a subscription" in shown
    assert "Remove license" not in shown


def test_it_shows_all_there_is_to_know(as_admin, vendor):
    one = vendor.license(starts=START - 20 * DAY)
    install(vendor.file(one))
    shown = page(as_admin)
    for part in (
        "Enterprise Edition E20 In use Licensed to Brightwater Logistics GmbH Expires in 344 days",
        "License type E20",
        "Contact it@brightwater.example",
        "Deployments 1 production, 4 other",
        "Issued 20 Feb 2026 by Example Software",
        "Starts 20 Feb 2026",
        "Expires 19 Feb 2027 End of day, every time zone",
        "Seats 250",
        "Active users 1",
        "Comes from Database applied from the command line, 12 Mar 2026",
        "Seats in use 1 of 250 249 left",
        "High availability",
        one.id,
        "Remove license…",
    ):
        assert part in shown


@pytest.mark.parametrize("kind", list(Format))
def test_preview_then_apply(as_admin, admin, vendor, kind):
    install(vendor.file(seats=250))
    new = vendor.license(seats=270, kind=kind)
    preview = upload(as_admin, vendor.file(new))
    assert preview.status_code == 200
    shown = text_of(preview)
    assert "acme.keywright-license" in shown
    assert "Seats 250 270 20 more" in shown
    assert "Valid today" in shown
    assert "270 seats for 1 active user. This file replaces the license in use." in shown
    assert InstalledLicense.objects.count() == 1
    response = apply_shown(as_admin, preview)
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    shown = page(as_admin)
    assert "The license is in use, on every node." in shown
    assert "applied by anna, 12 Mar 2026" in shown
    assert standing(now=NOON).in_force.license.id == new.id
    assert AuditRow.objects.get(subject=new.id).actor_id == admin.public_id


def test_the_next_terms_license_waits(as_admin, vendor):
    install(vendor.file())
    following = vendor.license(starts=START + 365 * DAY, seats=260)
    preview = upload(as_admin, vendor.file(following))
    assert "It waits until its term starts and takes over by itself." in text_of(preview)
    apply_shown(as_admin, preview)
    shown = page(as_admin)
    assert "The license waits. It takes over by itself on 12 March 2027." in shown
    assert "Next term Waiting Takes over by itself on 12 March 2027. You don’t have to do anything." in shown
    assert "Seats 260" in shown


def test_another_organizations_license_is_warned_of(as_admin, vendor):
    install(vendor.file())
    shown = text_of(upload(as_admin, vendor.file(company="Other AG")))
    assert "This license names another organization It was issued to Other AG." in shown
    assert "Issued to your organization" not in shown


@pytest.mark.parametrize("name", BAD)
@pytest.mark.usefixtures("member")
def test_a_bad_file_gets_its_code_its_sentence_and_a_reference(as_admin, vendor, stranger, name):
    code, make = BAD[name]
    good = vendor.license()
    install(vendor.file(good))
    response = upload(as_admin, make(vendor, stranger))
    assert response.status_code == 422
    shown = text_of(response)
    assert "This file was not applied" in shown
    assert f"The license in use stays as it is. File: acme.keywright-license. Code: {code} " in shown
    reference = response.headers["X-Request-Id"]
    assert f"Reference {reference}" in shown
    assert AuditRow.objects.get(reference=reference).after == {"code": code}
    assert standing(now=NOON).in_force.license.id == good.id


def test_no_file_chosen_is_an_empty_one(as_admin):
    response = as_admin.post("/about/license/preview/", {})
    assert response.status_code == 422
    assert "Code: empty" in text_of(response)


def test_the_file_in_the_form_is_verified_again(as_admin, vendor, stranger):
    preview = upload(as_admin, vendor.file())
    fields = hidden(preview)
    for forged in ("", "%%%", "QUFBQQ=="):
        response = as_admin.post("/about/license/apply/", {"license": forged, "seen": fields["seen"], "name": "x"})
        assert response.status_code == 422
    assert not InstalledLicense.objects.exists()


def test_what_changed_since_the_preview_is_not_overwritten(as_admin, vendor):
    preview = upload(as_admin, vendor.file(seats=270))
    other = vendor.license(seats=300)
    install(vendor.file(other))
    response = apply_shown(as_admin, preview)
    assert response.status_code == 422
    assert "Code: changed_meanwhile" in text_of(response)
    assert standing(now=NOON).in_force.license.id == other.id


def test_removing_asks_first(as_admin, vendor):
    install(vendor.file())
    assert 'data-kw-open="remove"' in as_admin.get(PAGE).content.decode()
    asked = as_admin.get("/about/license/remove/")
    assert "Remove this license?" in text_of(asked)
    assert standing(now=NOON).in_force is not None
    as_admin.post("/about/license/remove/", {"which": "in_force"})
    assert "The license is removed. Users and their data stay as they are." in page(as_admin)
    assert standing(now=NOON).in_force is None
    assert as_admin.get("/about/license/remove/").status_code == 302


def test_the_waiting_one_can_be_removed_alone(as_admin, vendor):
    install(vendor.file())
    install(vendor.file(starts=START + 365 * DAY))
    assert "runs out at its end" in text_of(as_admin.get("/about/license/remove/?which=waiting"))
    as_admin.post("/about/license/remove/", {"which": "waiting"})
    found = standing(now=NOON)
    assert (found.in_force is not None, found.waiting) == (True, None)


@pytest.mark.parametrize(
    ("users", "note", "status"),
    [
        (7, None, "12 left"),
        (18, "2 of 20 seats are left More than 90 percent are in use.", "2 left"),
        (19, "1 of 20 seats are left More than 95 percent are in use.", "1 left"),
        (20, "All 20 seats are in use", "0 left"),
        (21, "21 active users, 20 seats You’re 1 over. Nobody is locked out.", "1 over"),
        (
            28,
            "28 active users, 20 seats You’re 8 over. Nobody is locked out. The 8 are charged when you renew",
            "8 over",
        ),
    ],
)
def test_seat_alerts(as_admin, vendor, users, note, status):
    install(vendor.file(seats=20))
    people(users - 1)
    shown = page(as_admin)
    if note is None:
        assert "are in use." not in shown
        assert "active users, 20 seats" not in shown
    else:
        assert note in shown
        assert f"of 20 {status}" in shown
        assert "Add seats" in shown


LAST_DAY = START + 364 * DAY


@pytest.mark.parametrize(
    "case",
    [
        (LAST_DAY - 91 * DAY, "Expires in 91 days", None),
        (LAST_DAY - 61 * DAY, "Expires in 61 days", None),
        (LAST_DAY - 60 * DAY, "Expires in 60 days", "The license expires in 60 days Its last day is 11 March 2027."),
        (LAST_DAY - 30 * DAY, "Expires in 30 days", "The license expires in 30 days"),
        (LAST_DAY - 1 * DAY, "Expires in 1 day", "The license expires in 1 day"),
        (LAST_DAY, "Expires today", "The license expires today"),
        (LAST_DAY + 2 * DAY, "10 days of grace left", "The license expired on 11 March 2027 Everything goes on for 10"),
        (LAST_DAY + 20 * DAY, "Grace is over", "The license expired on 11 March 2027 Its features are closed."),
    ],
)
def test_expiry_and_banners(as_admin, vendor, move_clock, case):
    now, status, banner = case
    install(vendor.file())
    move_clock(now)
    shown = page(as_admin)
    assert status in shown
    if banner is None:
        assert "The license expire" not in shown
    else:
        assert banner in shown
        assert banner in text_of(as_admin.get("/users/"))
    kinds = re.findall(r'kw-status (\w*)">(?:Expires|[0-9]+ days? of|Grace)', as_admin.get(PAGE).content.decode())
    left = (LAST_DAY - now).days
    assert kinds == [] if left > 30 else kinds == (["warn"] if left > 5 else ["bad"])


def test_renewal_is_offered_from_90_days_with_the_license_named(as_admin, vendor, move_clock):
    one = vendor.license()
    install(vendor.file(one))
    for days, offered in ((91, False), (90, True)):
        move_clock(LAST_DAY - days * DAY)
        response = as_admin.get(PAGE)
        assert ("Renew" in text_of(response)) is offered
        assert (f"https://portal.example/?license={one.id}" in response.content.decode()) is offered


def test_a_banner_is_put_away_for_the_session(as_admin, admin, vendor, move_clock):
    install(vendor.file())
    move_clock(LAST_DAY - 40 * DAY)
    fields = hidden(as_admin.get(PAGE))
    as_admin.post("/about/license/banner/", {"key": fields["key"]})
    assert "The license expires in" not in page(as_admin)
    assert "The license expires in" in page(signed_in(admin))


def test_grace_cannot_be_put_away(as_admin, vendor, move_clock):
    install(vendor.file())
    move_clock(LAST_DAY + 3 * DAY)
    assert "Not now" not in page(as_admin)


def test_an_expired_license_stays_on_the_page(as_admin, vendor, move_clock):
    install(vendor.file())
    move_clock(LAST_DAY + 100 * DAY)
    assert "Enterprise Edition E20 Expired Licensed to Brightwater Logistics GmbH" in page(as_admin)


def test_past_grace_everybody_is_told(as_member, vendor, move_clock):
    install(vendor.file())
    move_clock(LAST_DAY + 3 * DAY)
    assert "expired" not in text_of(as_member.get("/account/password/"))
    move_clock(LAST_DAY + 20 * DAY)
    assert "The license expired on 11 March 2027" in text_of(as_member.get("/account/password/"))


def test_a_stored_file_that_was_changed_is_said_and_can_be_removed(as_admin, vendor):
    install(vendor.file())
    InstalledLicense.objects.update(data=b"garbage")
    shown = page(as_admin)
    assert "The stored license can’t be read" in shown
    assert "Code: malformed" in shown
    assert as_admin.get("/about/license/remove/").status_code == 200
    as_admin.post("/about/license/remove/", {})
    assert "can’t be read" not in page(as_admin)


def test_without_a_portal_there_are_no_links_to_one(as_admin, vendor, settings):
    settings.KEYWRIGHT_CONSOLE_PORTAL_URL = ""
    assert "Buy a subscription" not in page(as_admin)
    install(vendor.file(seats=1))
    assert "Add seats" not in re.sub("Add seats before|Add seats, or", "", page(as_admin))


def test_a_console_without_keys_says_which_setting(as_admin, vendor, settings):
    install(vendor.file())
    settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS = ""
    response = as_admin.get(PAGE)
    assert response.status_code == 500
    assert "KEYWRIGHT_CONSOLE_TRUSTED_KEYS is not set" in text_of(response)


def test_the_preview_asked_for_by_its_address_leads_back(as_admin):
    assert as_admin.get("/about/license/preview/").headers["Location"] == PAGE


def test_applying_the_same_file_again_changes_nothing(as_admin, vendor):
    data = vendor.file()
    install(data)
    apply_shown(as_admin, upload(as_admin, data))
    assert "This license was in use already. Nothing has changed." in page(as_admin)
    assert InstalledLicense.objects.count() == 1


def test_the_preview_says_who_is_no_longer_over_and_what_becomes_of_the_next_term(as_admin, vendor):
    install(vendor.file(seats=1))
    install(vendor.file(starts=START + 365 * DAY))
    people(2)
    shown = text_of(upload(as_admin, vendor.file(seats=20)))
    assert (
        "20 seats for 3 active users. You’re no longer over. This file replaces the license in use. "
        "Your next-term license stays as it is."
    ) in shown
    shown = text_of(upload(as_admin, vendor.file(starts=START + 365 * DAY, seats=30)))
    assert "It replaces the license that waits now." in shown


def test_a_member_applies_nothing_by_a_crafted_form(as_member, vendor):
    data = base64.b64encode(vendor.file()).decode()
    assert as_member.post("/about/license/apply/", {"license": data, "seen": "-.-"}).status_code == 403
    assert not InstalledLicense.objects.exists()
