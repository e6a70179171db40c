import pytest

from conftest import PASSWORD, make_user
from keywright_console.kit.actor import SHELL
from keywright_console.licensing.services.apply_license import apply_license
from keywright_console.users.models import User
from keywright_console.users.selectors import count_active
from keywright_console.users.services.deactivate_user import deactivate_user
from pages import text_of
from vendor import NOON


@pytest.fixture
def people(member, now):
    make_user("robot", is_bot=True)
    gone = make_user("gone")
    deactivate_user(actor=SHELL, user_id=gone.pk, now=now)
    return gone


def test_the_list_and_its_counts(as_admin, people):
    shown = text_of(as_admin.get("/users/"))
    assert "All 4 Active 2 Deactivated 1 Bots 1" in shown
    assert "2 active. Deactivated users and bots take no seat." in shown
    assert "anna anna@brightwater.example System Admin Active 12 Mar 2026 You" in shown
    assert "gone gone@brightwater.example Member Deactivated Never Activate…" in shown
    assert "mika mika@brightwater.example Member Active Never Deactivate…" in shown
    assert "robot robot@brightwater.example Bot Active Never Deactivate…" in shown


def test_seats_stand_beside_active_users(as_admin, vendor):
    apply_license(actor=SHELL, data=vendor.file(seats=1250), active_users=0, now=NOON)
    assert "1 active, 1,250 seats." in text_of(as_admin.get("/users/"))


@pytest.mark.parametrize(
    ("query", "shown_names"),
    [
        ("status=active", ["anna", "mika"]),
        ("status=deactivated", ["gone"]),
        ("status=bots", ["robot"]),
        ("status=nonsense", ["anna", "gone", "mika", "robot"]),
        ("q=MIK", ["mika"]),
        ("q=brightwater&status=active", ["anna", "mika"]),
        ("after=gone", ["mika", "robot"]),
        ("before=mika", ["anna", "gone"]),
        ("after=%00&q=%00ro", ["robot"]),
        ("inactive=1", ["mika"]),
        ("inactive=2", []),
        ("inactive=x&inactive=-1", ["anna", "gone", "mika", "robot"]),
    ],
)
def test_filter_and_search(as_admin, people, query, shown_names):
    page = as_admin.get(f"/users/?{query}").context["page"]
    assert [user.username for user in page.users] == shown_names


def test_nobody_matches(as_admin):
    assert "No user here has “zzz” in the username or the email address." in text_of(as_admin.get("/users/?q=zzz"))


def test_pages_keep_the_filter(as_admin):
    User.objects.bulk_create(
        User(email=f"u{n:03}@example.com", username=f"u{n:03}", password="!", created_at=NOON, updated_at=NOON)
        for n in range(120)
    )
    first = as_admin.get("/users/?status=active").content.decode()
    assert "?status=active&amp;after=u048" in first
    assert 'rel="prev"' not in first
    second = as_admin.get("/users/?status=active&after=u048").content.decode()
    assert "?status=active&amp;before=u049" in second
    assert "?status=active&amp;after=u098" in second
    assert 'rel="next"' not in as_admin.get("/users/?status=active&after=u098").content.decode()


def test_who_was_not_here_is_counted_in_words(as_admin, people):
    shown = text_of(as_admin.get("/users/?inactive=1"))
    assert "1 user who takes a seat was not here for 1 days." in shown
    assert "Everybody else who takes a seat was here within 90 days." in text_of(as_admin.get("/users/?inactive=90"))


def test_the_last_admin_has_no_button(as_admin, admin, member):
    second = make_user("second", is_system_admin=True)
    assert f"/users/{second.public_id}/deactivate/" in as_admin.get("/users/").content.decode()
    deactivate_user(actor=SHELL, user_id=second.pk, now=NOON)
    assert f"/users/{admin.public_id}/deactivate/" not in as_admin.get("/users/").content.decode()


def test_create(as_admin):
    fields = {"email": "Ben@example.com", "username": "Ben", "password": PASSWORD}
    assert as_admin.post("/users/new/", fields).status_code == 302
    assert "ben can sign in now." in text_of(as_admin.get("/users/"))
    assert User.objects.get(username="ben").is_system_admin is False


def test_create_a_system_admin(as_admin):
    fields = {"email": "b@example.com", "username": "ben", "password": PASSWORD, "is_system_admin": "on"}
    as_admin.post("/users/new/", fields)
    assert User.objects.get(username="ben").is_system_admin is True


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "anna@brightwater.example"}, "Somebody here has this email address already."),
        ({"username": "ANNA"}, "Somebody here has this username already."),
        ({"email": "x"}, "Enter an email address"),
        ({"password": "password123"}, "too common"),
    ],
)
def test_a_refused_user_is_explained_beside_the_field(as_admin, change, sentence):
    fields = {"email": "b@example.com", "username": "ben", "password": PASSWORD} | change
    response = as_admin.post("/users/new/", fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert User.objects.count() == 1


def test_create_a_bot(as_admin):
    fields = {"email": "b@example.com", "username": "ben", "password": PASSWORD, "is_bot": "on"}
    as_admin.post("/users/new/", fields)
    assert "The bot ben takes no seat." in text_of(as_admin.get("/users/"))
    assert count_active() == 1


def test_the_page_of_one_user(as_admin, admin, member):
    shown = text_of(as_admin.get(f"/users/{member.public_id}/"))
    assert "mika mika@brightwater.example About this user Active Role Member Takes a seat Last here Never" in shown
    assert "Comes from This console" in shown
    assert "Deactivate… Make a System Admin… Set a new password…" in shown
    own = text_of(as_admin.get(f"/users/{admin.public_id}/"))
    assert "Change your password" in own
    assert "Deactivate…" not in own


def test_a_role_is_changed_after_asking(as_admin, member):
    path = f"/users/{member.public_id}/role/"
    assert "Make mika a System Admin?" in text_of(as_admin.get(path))
    assert User.objects.get(pk=member.pk).is_system_admin is False
    assert as_admin.post(path, {"role": "system_admin"}).headers["Location"] == f"/users/{member.public_id}/"
    assert User.objects.get(pk=member.pk).is_system_admin is True
    assert "mika is a System Admin now." in text_of(as_admin.get(f"/users/{member.public_id}/"))
    assert "Make mika a member?" in text_of(as_admin.get(path))
    as_admin.post(path, {"role": "member"})
    assert User.objects.get(pk=member.pk).is_system_admin is False


def test_ones_own_role_is_refused_in_words(as_admin, admin):
    make_user("second", is_system_admin=True)
    response = as_admin.post(f"/users/{admin.public_id}/role/", {"role": "member"})
    assert response.status_code == 422
    assert "You can’t take the role from yourself." in text_of(response)
    assert User.objects.get(pk=admin.pk).is_system_admin is True


def test_a_new_password_for_one_who_forgot_it(as_admin, admin, member):
    path = f"/users/{member.public_id}/password/"
    assert as_admin.post(path, {"password": "short"}).status_code == 422
    assert User.objects.get(pk=member.pk).check_password(PASSWORD)
    assert as_admin.post(path, {"password": "another horse battery"}).status_code == 302
    assert User.objects.get(pk=member.pk).check_password("another horse battery")
    assert as_admin.get(f"/users/{admin.public_id}/password/").headers["Location"] == "/account/password/"


def test_deactivating_asks_first(as_admin, member):
    path = f"/users/{member.public_id}/deactivate/"
    assert "Deactivate mika?" in text_of(as_admin.get(path))
    assert User.objects.get(pk=member.pk).is_active
    assert as_admin.post(path).status_code == 302
    assert "mika is deactivated and takes no seat any more." in text_of(as_admin.get("/users/"))
    assert not User.objects.get(pk=member.pk).is_active
    assert as_admin.get(path).status_code == 302


def test_activating_asks_first_and_says_when_it_puts_over(as_admin, people, vendor):
    apply_license(actor=SHELL, data=vendor.file(seats=2), active_users=0, now=NOON)
    path = f"/users/{people.public_id}/activate/"
    shown = text_of(as_admin.get(path))
    assert "Activate gone?" in shown
    assert "2 users are active and the license has 2 seats." in shown
    assert as_admin.post(path).status_code == 302
    assert User.objects.get(pk=people.pk).is_active
    assert as_admin.get(path).status_code == 302


def test_oneself_is_refused_in_words(as_admin, admin):
    response = as_admin.post(f"/users/{admin.public_id}/deactivate/")
    assert response.status_code == 422
    assert "You can’t deactivate yourself." in text_of(response)
    assert User.objects.get(pk=admin.pk).is_active


@pytest.mark.parametrize("path", ["/users/yyyyyyyyyyyyyyyyyyyyyyyyyy/deactivate/", "/users/nothing/activate/"])
def test_an_unknown_user_is_a_404_with_a_reference(as_admin, path):
    response = as_admin.get(path)
    assert response.status_code == 404
    assert response.headers["X-Request-Id"] in text_of(response)
