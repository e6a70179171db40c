from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
WRONG = "That email address and password don’t go together. Try again, or reset your password."


def test_leads_home_or_where_one_wanted_to_go(client, confirmed):
    given = {"login": confirmed.user.email, "password": PASSWORD}

    assert client.post("/log-in/", given)["Location"] == "/"
    client.post("/log-out/")
    assert client.post("/log-in/?next=/account/", given | {"next": "/account/"})["Location"] == "/account/"


def test_never_leads_to_another_site(client, confirmed):
    given = {"login": confirmed.user.email, "password": PASSWORD, "next": "https://evil.example/"}

    assert client.post("/log-in/", given)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_get_one_answer(client, confirmed):
    for login in (confirmed.user.email, "nobody@brightwater.example"):
        page = client.post("/log-in/", {"login": login, "password": "wrong wrong wrong"})

        assert (page.status_code, page.context["form"].non_field_errors()) == (200, [WRONG])


def test_guessing_is_stopped_even_for_the_right_password(client, confirmed):
    for _ in range(5):
        client.post("/log-in/", {"login": confirmed.user.email, "password": "wrong wrong wrong"})

    page = client.post("/log-in/", {"login": confirmed.user.email, "password": PASSWORD})

    assert page.context["form"].non_field_errors() == [
        "Too many tries. Wait five minutes and try again, or reset your password now."
    ]
    assert client.get("/account/").status_code == 302


def test_logging_out_takes_a_click(signed_in):
    assert ">Log out</button>" in signed_in.get("/log-out/").content.decode()
    assert signed_in.get("/account/").status_code == 200

    assert signed_in.post("/log-out/")["Location"] == "/log-in/"
    assert signed_in.get("/account/").status_code == 302


@pytest.mark.parametrize("path", ["/backoffice/", "/backoffice/login/"])
def test_the_back_office_has_no_sign_in_of_its_own(client, catalog, path):
    assert client.get(path)["Location"].startswith("/log-in/?next=/")
    assert client.post("/backoffice/login/", {"username": "a", "password": "b"}).status_code == 302
