from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from outbox import link_in, mail_to

from keywright_portal.accounts.models import Organization, PolicyAgreement, User
from keywright_portal.catalog.models import Policy, PolicyKind
from keywright_portal.kit.models import OutboxMail

pytestmark = pytest.mark.django_db

ADDRESS = "ana.ferreira@brightwater.example"


def answer_of(client, form):
    """All that whoever asks can see: status, target, cookies, and the page that follows."""
    answer = client.post("/sign-up/", form)
    page = client.get(answer["Location"])
    shown = re.sub(r'value="[\w]+"', "", page.content.decode()).replace(form["email"], "ADDRESS")
    return answer.status_code, answer["Location"], sorted(answer.cookies), page.status_code, shown


def test_the_page_asks_for_what_is_needed(client, catalog):
    page = client.get("/sign-up/").content.decode()

    for label in ("Work email address", "Your name", "Organization", "Country", "Password"):
        assert f">{label}</label>" in page
    assert (
        'I have read and agree to the <a class="kw-inline" href="/privacy/" target="_blank">Privacy Policy</a>' in page
    )
    assert ">Next</button>" in page


def test_from_the_form_to_the_first_order(client, sign_up_form):
    answer = client.post("/sign-up/", sign_up_form)
    assert (answer.status_code, answer["Location"]) == (302, "/confirm-email/")
    assert f"<strong>{ADDRESS}</strong>" in client.get("/confirm-email/").content.decode()

    mail = mail_to(ADDRESS)
    assert mail.subject == "Confirm your email address for Example Software"
    link = link_in(mail, "/confirm-email/")
    assert ">Confirm email address</button>" in client.get(link).content.decode()
    assert not EmailAddress.objects.get().verified

    answer = client.post(link)

    assert (answer.status_code, answer["Location"]) == (302, "/o/brightwater-logistics-gmbh/buy/")
    assert EmailAddress.objects.get().verified
    assert client.get("/").headers["Location"] == "/o/brightwater-logistics-gmbh/"


def test_who_confirms_in_another_browser_signs_in_first(client, sign_up_form, django_user_model):
    client.post("/sign-up/", sign_up_form)
    link = link_in(mail_to(ADDRESS), "/confirm-email/")
    client.cookies.clear()

    assert client.post(link)["Location"] == "/log-in/"
    assert "Your email address is confirmed." in client.get("/log-in/").content.decode()
    answer = client.post("/log-in/", {"login": ADDRESS, "password": "tidal-lantern-orbit"})
    assert answer["Location"] == "/"


def test_a_link_works_once_and_says_so_kindly(client, sign_up_form):
    client.post("/sign-up/", sign_up_form)
    link = link_in(mail_to(ADDRESS), "/confirm-email/")
    client.post(link)
    client.post("/log-out/")

    page = client.get(link.replace("/confirm-email/", "/confirm-email/x"))

    assert "This link doesn’t work any more" in page.content.decode()


def test_nothing_is_reached_before_the_address_is_confirmed(client, sign_up_form):
    client.post("/sign-up/", sign_up_form)

    answer = client.post("/log-in/", {"login": ADDRESS, "password": "tidal-lantern-orbit"})

    assert answer["Location"] == "/confirm-email/"
    assert client.get("/o/brightwater-logistics-gmbh/organization/")["Location"] == (
        "/log-in/?next=/o/brightwater-logistics-gmbh/organization/"
    )


def test_a_session_without_a_confirmed_address_gets_nowhere(client, buyer, catalog):
    client.force_login(buyer.user)

    assert client.get("/o/brightwater-logistics/organization/")["Location"] == "/confirm-email/"


def test_known_and_unknown_addresses_get_the_same_answer(client, sign_up_form, confirmed):
    known = {**sign_up_form, "email": confirmed.user.email}

    unknown_answer = answer_of(client, sign_up_form)
    client.cookies.clear()
    known_answer = answer_of(client, known)

    assert known_answer == unknown_answer


def test_a_known_address_makes_nothing_and_its_owner_is_told(client, sign_up_form, confirmed):
    client.post("/sign-up/", {**sign_up_form, "email": confirmed.user.email.upper()})

    assert (User.objects.count(), Organization.objects.count(), PolicyAgreement.objects.count()) == (1, 1, 0)
    mail = mail_to(confirmed.user.email)
    assert mail.subject == "You already have an account with Example Software"
    assert link_in(mail, "/log-in/") == "/log-in/"
    assert link_in(mail, "/password/forgotten/") == "/password/forgotten/"


def test_an_address_taken_in_between_gets_the_same_answer_too(client, sign_up_form, monkeypatch, confirmed):
    """The form looked and found nobody; by the time it writes, somebody was faster."""
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.assess_unique_email", lambda *_arguments, **_named: True
    )

    answer = client.post("/sign-up/", {**sign_up_form, "email": confirmed.user.email})

    assert (answer.status_code, answer["Location"]) == (302, "/confirm-email/")
    assert (User.objects.count(), Organization.objects.count()) == (1, 1)
    assert mail_to(confirmed.user.email).subject == "You already have an account with Example Software"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("email", "nobody", "Enter a valid email address."),
        ("email", "", "Enter your email address."),
        ("name", " ", "Enter your name."),
        ("organization", "", "Enter the name of your organization."),
        ("country", "", "Choose a country."),
        ("country", "ZZ", "Select a valid choice. ZZ is not one of the available choices."),
        ("password1", "short", "This password is too short. It must contain at least 10 characters."),
        ("password1", "password123", "This password is too common."),
        ("privacy", "", "Read the Privacy Policy and check this box to create your account."),
    ],
)
def test_a_field_says_what_is_wrong_with_it(client, sign_up_form, field, value, error):
    page = client.post("/sign-up/", {**sign_up_form, field: value})

    assert page.status_code == 200
    assert error in page.context["form"].errors[field]
    assert (User.objects.count(), OutboxMail.objects.count()) == (0, 0)


def test_the_version_agreed_to_is_the_one_that_was_shown(client, sign_up_form, now):
    client.post("/sign-up/", sign_up_form)

    assert PolicyAgreement.objects.get().version == "2026-01"


def test_a_policy_that_changed_meanwhile_must_be_agreed_to_anew(client, sign_up_form, now):
    Policy.objects.create(kind=PolicyKind.PRIVACY, version="2027-01", text="New.", published_at=now.replace(year=2027))

    page = client.post("/sign-up/", sign_up_form)

    assert page.context["form"].errors["privacy"] == [
        "The Privacy Policy has changed since you opened this page. Read it, then check this box again."
    ]
    assert 'name="privacy_version" value="2027-01"' in page.content.decode()
    assert (User.objects.count(), PolicyAgreement.objects.count()) == (0, 0)


def test_signing_up_is_limited(client, sign_up_form):
    answers = [
        client.post("/sign-up/", {**sign_up_form, "email": f"{number}@brightwater.example"}) for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert "Too many tries" in answers[-1].content.decode()
    assert User.objects.count() == 20


def test_mails_never_take_their_address_from_the_request(client, sign_up_form):
    client.post("/sign-up/", sign_up_form, headers={"host": "localhost:9999"})

    assert "localhost:9999" not in mail_to(ADDRESS).text + mail_to(ADDRESS).html
