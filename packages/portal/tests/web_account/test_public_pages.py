from __future__ import annotations

import pytest
from django.conf import settings

from keywright_portal.catalog.models import Policy, PolicyKind, Vendor
from keywright_portal.catalog.selectors import vendor

pytestmark = pytest.mark.django_db


def test_the_questions_lead_to_their_answers(client, catalog):
    index = client.get("/help/").content.decode()
    for entry in vendor().faq:
        assert f'href="/help/{entry.slug}/"' in index

    page = client.get("/help/who-counts-as-a-user/").content.decode()

    assert "<h1>Who counts as a user?</h1>" in page
    assert "<strong>Counted:</strong>" in page


def test_an_unknown_question_leads_to_the_others(client, catalog):
    page = client.get("/help/nothing/")

    assert page.status_code == 404
    assert "There is no such question." in page.content.decode()


def test_a_vendor_without_questions_offers_the_contact_form(client, catalog):
    row = Vendor.objects.get()
    row.details["faq"] = []
    row.save()

    assert "No questions yet" in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    ("path", "kind", "title"),
    [
        ("/terms/", PolicyKind.TERMS, "Terms"),
        ("/privacy/", PolicyKind.PRIVACY, "Privacy Policy"),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_a_policy_shows_its_version_and_day_and_keeps_older_ones(client, now, path, kind, title):
    first = client.get(path).content.decode()
    assert f"<h1>{title}</h1>" in first
    assert "Version 2026-01, published 12\u00a0March\u00a02026" in first
    assert "no longer in force" not in first

    Policy.objects.create(kind=kind, version="2027-01", text="All **new**.", published_at=now.replace(year=2027))

    assert "<strong>new</strong>" in client.get(path).content.decode()
    assert "This version is no longer in force" in client.get(f"{path}?version=2026-01").content.decode()
    assert client.get(f"{path}?version=1999").status_code == 404


def test_the_vendors_colour_and_logo_are_files(client, catalog):
    css = client.get("/brand.css")
    assert (css["Content-Type"], "--kw-brand:#3157d5" in css.content.decode()) == ("text/css; charset=utf-8", True)

    logo = client.get("/logo.svg")
    assert (logo["Content-Type"], logo.content.decode()) == ("image/svg+xml", vendor().logo_svg)
    assert logo["Content-Security-Policy"] == "default-src 'none'"

    png = client.get("/logo.png")
    assert (png["Content-Type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(png.content[16:20], "big") == 84


def test_a_vendor_without_a_logo_has_no_such_files(client, catalog):
    row = Vendor.objects.get()
    row.details["logo_svg"] = None
    row.save()

    assert client.get("/logo.svg").status_code == 404
    assert client.get("/logo.png").status_code == 404
    assert "/logo.svg" not in client.get("/").content.decode()


def test_without_a_catalog_the_portal_says_what_is_missing(client, db):
    page = client.get("/sign-up/")

    assert page.status_code == 503
    assert "keywright catalog apply" in page.content.decode()


def test_an_error_is_json_for_who_asks_for_that(client, catalog):
    answer = client.get("/help/nothing/", headers={"accept": "application/json"})

    assert (answer.status_code, answer.json()) == (
        404,
        {
            "code": "not_found",
            "message": "There is no such question. All of them are under Questions and answers.",
            "field": None,
            "reference": None,
        },
    )


def test_an_unknown_address_has_a_way_on(client, catalog):
    page = client.get("/no/such/page/")

    assert page.status_code == 404
    assert 'href="/support/"' in page.content.decode()


def test_a_form_without_its_token_is_refused_with_a_way_on(catalog):
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post("/support/", {})

    assert page.status_code == 403
    assert "This page was open for too long" in page.content.decode()


def test_a_failure_of_ours_shows_a_page_of_ours(client, catalog, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("keywright_portal.web.views.help_pages.vendor_of", lambda _request: 1 / 0)

    page = client.get("/help/")

    assert page.status_code == 500
    assert "Something went wrong on our side" in page.content.decode()


def test_outside_the_demo_there_is_no_mailbox(client, catalog):
    assert settings.DEMO_DIR is None
    assert client.get("/demo/mail/").status_code == 404
