from __future__ import annotations

import re

import pytest
from outbox import link_in, mail_to

pytestmark = pytest.mark.django_db

OLD, NEW = "correct horse battery", "another lantern orbit"


def asked(client, address):
    """All that whoever asks for a new password can see."""
    answer = client.post("/password/forgotten/", {"email": address})
    page = client.get(answer["Location"])
    return answer.status_code, answer["Location"], page.content.decode().replace(address, "ADDRESS")


def test_known_and_unknown_addresses_get_the_same_answer(client, confirmed):
    known = asked(client, confirmed.user.email)
    client.cookies.clear()
    unknown = asked(client, "nobody@brightwater.example")

    assert known == unknown
    assert known[:2] == (302, "/password/forgotten/sent/")


def test_an_unknown_address_is_told_that_it_has_no_account(client, catalog):
    asked(client, "nobody@brightwater.example")

    mail = mail_to("nobody@brightwater.example")
    assert mail.subject == "No account with Example Software under this address"
    assert link_in(mail, "/sign-up/") == "/sign-up/"


def test_from_a_forgotten_password_to_a_new_one(client, confirmed):
    asked(client, confirmed.user.email)
    link = link_in(mail_to(confirmed.user.email), "/password/new/")

    form_at = client.get(link)["Location"]
    assert re.fullmatch(r"/password/new/\w+-set-password/", form_at)
    answer = client.post(form_at, {"password1": NEW})

    assert answer["Location"] == "/password/new/done/"
    confirmed.user.refresh_from_db()
    assert confirmed.user.check_password(NEW)
    assert mail_to(confirmed.user.email).subject == "Your password for Example Software was changed"
    assert "This link doesn’t work any more" in client.get(link, follow=True).content.decode()


@pytest.mark.parametrize(
    ("password", "error"),
    [("short", "This password is too short. It must contain at least 10 characters."), ("", "Enter a password.")],
)
def test_a_new_password_must_be_good(client, confirmed, password, error):
    asked(client, confirmed.user.email)
    form_at = client.get(link_in(mail_to(confirmed.user.email), "/password/new/"))["Location"]

    page = client.post(form_at, {"password1": password})

    assert error in page.context["form"].errors["password1"]
    confirmed.user.refresh_from_db()
    assert confirmed.user.check_password(OLD)


def test_changing_it_keeps_this_session_and_tells_by_mail(signed_in, confirmed):
    answer = signed_in.post("/password/", {"oldpassword": OLD, "password1": NEW})

    assert answer["Location"] == "/password/"
    assert "Your password is changed." in signed_in.get("/password/").content.decode()
    confirmed.user.refresh_from_db()
    assert confirmed.user.check_password(NEW)
    mail = mail_to(confirmed.user.email)
    assert mail.subject == "Your password for Example Software was changed"
    assert link_in(mail, "/password/forgotten/") == "/password/forgotten/"


def test_the_current_password_must_be_right(signed_in, confirmed):
    page = signed_in.post("/password/", {"oldpassword": "wrong wrong wrong", "password1": NEW})

    assert page.context["form"].errors["oldpassword"] == ["That isn’t your current password. Try again."]
    confirmed.user.refresh_from_db()
    assert confirmed.user.check_password(OLD)


def test_the_page_is_for_who_is_signed_in(client, catalog):
    assert client.get("/password/")["Location"] == "/log-in/?next=/password/"
