import pytest
from django.test import Client

from conftest import PASSWORD, signed_in
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import User
from keywright_console.users.services.create_first_admin import make_setup_code
from keywright_console.users.services.deactivate_user import deactivate_user
from pages import text_of

NEW = "quite another horse"


def sign_in(client, login="anna", password=PASSWORD, **extra):
    return client.post("/sign-in/", {"login": login, "password": password, **extra})


def test_sign_in_leads_where_one_wanted_to_go(admin, clock_at_noon):
    client = Client()
    assert sign_in(client, next="/users/").headers["Location"] == "/users/"
    assert client.get("/users/").status_code == 200
    assert client.get("/sign-in/").headers["Location"] == "/"


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_never_leads_elsewhere(admin, clock_at_noon, next_):
    assert sign_in(Client(), next=next_).headers["Location"] == "/"


def test_a_wrong_password_says_one_sentence_and_keeps_the_name(admin, clock_at_noon):
    response = sign_in(Client(), password="wrong")
    assert response.status_code == 422
    assert "don’t go together" in text_of(response)
    assert 'value="anna"' in response.content.decode()
    assert "wrong" not in response.content.decode()


def test_after_too_many_attempts_even_the_right_password_waits(admin, clock_at_noon):
    for _ in range(10):
        sign_in(Client(), password="wrong")
    assert "Too many attempts to sign in" in text_of(sign_in(Client()))


def test_signing_in_gives_a_new_session(admin, clock_at_noon):
    client = Client()
    client.get("/sign-in/")
    before = client.cookies.get("console-sessionid")
    sign_in(client)
    assert client.cookies["console-sessionid"].value != (before.value if before else "")


def test_sign_out_is_a_post(as_admin):
    assert as_admin.get("/sign-out/").status_code == 405
    assert as_admin.post("/sign-out/").status_code == 302
    assert as_admin.get("/users/").status_code == 302


def test_deactivating_ends_an_open_session(as_member, admin, member, now):
    assert as_member.get("/account/password/").status_code == 200
    deactivate_user(actor=SHELL, user_id=member.pk, now=now)
    assert as_member.get("/account/password/").status_code == 302


def test_a_new_password_signs_out_everywhere_else(as_admin, admin):
    other = signed_in(admin)
    response = as_admin.post("/account/password/", {"present": PASSWORD, "password": NEW})
    assert response.status_code == 302
    assert "Your password is changed" in text_of(as_admin.get("/account/password/"))
    assert other.get("/users/").status_code == 302
    admin.refresh_from_db()
    assert admin.check_password(NEW)


@pytest.mark.parametrize(
    ("present", "new", "sentence"),
    [
        ("wrong", NEW, "This is not your present password."),
        (PASSWORD, "short", "This password is too short."),
        ("", "", "This field is required."),
    ],
)
def test_a_refused_password_says_why(as_admin, admin, present, new, sentence):
    response = as_admin.post("/account/password/", {"present": present, "password": new})
    assert response.status_code == 422
    assert sentence in text_of(response)
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_a_fresh_console_leads_to_its_set_up(db, clock_at_noon):
    assert Client().get("/sign-in/").headers["Location"] == "/setup/"
    assert "Create the first System Admin" in text_of(Client().get("/setup/"))


def test_the_set_up_makes_and_signs_in_the_first_admin(db, clock_at_noon):
    code = make_setup_code(now=clock_at_noon)
    client = Client()
    fields = {"code": code, "email": "a@example.com", "username": "anna", "password": PASSWORD}
    assert client.post("/setup/", fields).headers["Location"] == "/about/license/"
    assert "You are the first System Admin." in text_of(client.get("/about/license/"))
    assert User.objects.get().is_system_admin


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "0" * 32}, "This is not the set-up code."),
        ({"password": "short"}, "This password is too short."),
        ({"email": "nothing"}, "Enter an email address"),
        ({"username": "1"}, "A username starts with a letter"),
    ],
)
def test_a_refused_set_up_makes_nobody(db, clock_at_noon, change, sentence):
    code = make_setup_code(now=clock_at_noon)
    fields = {"code": code, "email": "a@example.com", "username": "anna", "password": PASSWORD} | change
    response = Client().post("/setup/", fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not User.objects.exists()


def test_the_set_up_never_comes_back(admin, clock_at_noon):
    assert Client().get("/setup/").headers["Location"] == "/sign-in/"
    fields = {"code": "", "email": "b@example.com", "username": "ben", "password": PASSWORD}
    assert Client().post("/setup/", fields).headers["Location"] == "/sign-in/"
    assert User.objects.count() == 1


def test_too_many_attempts_on_the_other_forms_are_said_too(as_member, member):
    for _ in range(10):
        as_member.post("/account/password/", {"present": "wrong", "password": NEW})
    response = as_member.post("/account/password/", {"present": PASSWORD, "password": NEW})
    assert "Too many attempts." in text_of(response)
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_too_many_set_up_codes(db, clock_at_noon):
    make_setup_code(now=clock_at_noon)
    fields = {"code": "0", "email": "a@example.com", "username": "anna", "password": PASSWORD}
    shown = [text_of(Client().post("/setup/", fields)) for _ in range(21)]
    assert "This is not the set-up code." in shown[19]
    assert "Too many attempts." in shown[20]


def test_a_set_up_that_was_overtaken_leads_to_the_sign_in(db, clock_at_noon, monkeypatch):
    code = make_setup_code(now=clock_at_noon)
    monkeypatch.setattr("keywright_console.users.services.create_first_admin.claim_set_up", lambda **_: False)
    fields = {"code": code, "email": "a@example.com", "username": "anna", "password": PASSWORD}
    assert Client().post("/setup/", fields).headers["Location"] == "/sign-in/"
    assert not User.objects.exists()
