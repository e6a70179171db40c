import pytest
from caller import BASE, Caller, ok, refused
from django.test import Client

from conftest import PASSWORD, make_user
from keywright_console.kit.models import AuditRow
from keywright_console.users.models import User

DENIED = "api.context.permissions.app_error"
NO_SESSION = "api.context.session_expired.app_error"
UNKNOWN = "y" * 26


@pytest.fixture
def caller(admin, clock_at_noon):
    return Caller(admin)


@pytest.fixture
def member_caller(member, clock_at_noon):
    return Caller(member)


def test_login_gives_the_user_and_a_token(member, clock_at_noon):
    response = Caller().login("mika@brightwater.example")
    found = ok(response)
    assert len(response.headers["Token"]) >= 26
    assert (found["id"], found["username"], found["email"], found["roles"], found["delete_at"]) == (
        member.public_id,
        "mika",
        "mika@brightwater.example",
        "system_user",
        0,
    )
    assert found["create_at"] == round(member.created_at.timestamp() * 1000)
    assert "password" not in found


def test_login_by_id(member, clock_at_noon):
    good = Caller().call("POST", "/users/login", {"id": member.public_id, "password": PASSWORD})
    assert ok(good)["id"] == member.public_id
    for id_ in ("y" * 26, "mika", ""):
        found = Caller().call("POST", "/users/login", {"id": id_, "password": PASSWORD})
        refused(found, 401, "api.user.login.invalid_credentials_email_username")


def test_login_counts_as_activity(member, clock_at_noon):
    Caller().login("mika")
    member.refresh_from_db()
    assert abs((member.last_activity_at - clock_at_noon).total_seconds()) < 60


def test_a_wrong_login_is_one_error_for_all_reasons(member, clock_at_noon):
    for login_id, password in (("mika", "wrong"), ("nobody", PASSWORD)):
        refused(Caller().login(login_id, password), 401, "api.user.login.invalid_credentials_email_username")


def test_too_many_logins(member, clock_at_noon):
    for _ in range(10):
        Caller().login("mika", "wrong")
    refused(Caller().login("mika"), 429, "api.user.check_user_login_attempts.too_many.app_error")


@pytest.mark.parametrize("body", [[], {"login_id": 5, "password": PASSWORD}, "text"])
def test_a_body_of_another_shape(db, clock_at_noon, body):
    refused(Caller().call("POST", "/users/login", body), 400, "api.context.invalid_body_param.app_error")


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a":' * 20_000])
def test_a_body_that_is_no_json(db, clock_at_noon, body):
    response = Client().post(f"{BASE}/users/login", body, content_type="application/json")
    refused(response, 400, "api.context.invalid_body_param.app_error")


def test_me_and_logout(caller, admin):
    assert ok(caller.call("GET", "/users/me"))["id"] == admin.public_id
    assert ok(caller.call("POST", "/users/logout")) == {"status": "OK"}
    refused(caller.call("GET", "/users/me"), 401, NO_SESSION)


@pytest.mark.parametrize("scheme", ["Bearer", "BEARER", "Token"])
def test_schemes_that_clients_use(caller, scheme):
    caller.headers["Authorization"] = caller.headers["Authorization"].replace("Bearer", scheme)
    ok(caller.call("GET", "/users/me"))


def test_a_browsers_session_is_no_token(as_admin):
    refused(as_admin.get(f"{BASE}/users/me"), 401, NO_SESSION)


CALLS = [
    ("GET", "/users/me"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", f"/users/{UNKNOWN}"),
    ("DELETE", f"/users/{UNKNOWN}"),
    ("PUT", f"/users/{UNKNOWN}/active"),
    ("PUT", f"/users/{UNKNOWN}/roles"),
    ("GET", "/users/email/anna@brightwater.example"),
    ("GET", "/users/username/anna"),
    ("POST", "/users/search"),
    ("PUT", "/users/active"),
    ("GET", "/users/stats"),
    ("POST", "/license"),
    ("POST", "/license/preview"),
    ("DELETE", "/license"),
    ("GET", "/license/load_metric"),
    ("GET", "/analytics/old"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_a_token_there_is_nothing(db, clock_at_noon, method, path):
    refused(Caller().call(method, path), 401, NO_SESSION)
    assert not AuditRow.objects.exists()


def test_create_then_get(caller):
    made = ok(caller.call("POST", "/users", {"email": "x@example.com", "username": "x", "password": PASSWORD}), 201)
    assert ok(caller.call("GET", f"/users/{made['id']}")) == made
    assert made["roles"] == "system_user"


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        ({}, "model.user.is_valid.app_error"),
        ({"email": "x@example.com", "username": "x", "password": "short"}, "model.user.is_valid.pwd.app_error"),
        (
            {"email": "mika@brightwater.example", "username": "x", "password": PASSWORD},
            "app.user.save.email_exists.app_error",
        ),
        (
            {"email": "x@example.com", "username": "mika", "password": PASSWORD},
            "app.user.save.username_exists.app_error",
        ),
    ],
)
def test_a_user_that_cannot_be(caller, member, body, id_):
    refused(caller.call("POST", "/users", body), 400, id_)
    assert User.objects.count() == 2


def test_delete_deactivates(caller, member):
    assert ok(caller.call("DELETE", f"/users/{member.public_id}")) == {"status": "OK"}
    assert ok(caller.call("GET", f"/users/{member.public_id}"))["delete_at"] > 0
    assert User.objects.filter(pk=member.pk).exists()


def test_active_switches_both_ways(caller, member):
    for wanted in (False, True):
        assert ok(caller.call("PUT", f"/users/{member.public_id}/active", {"active": wanted})) == {"status": "OK"}
        member.refresh_from_db()
        assert member.is_active is wanted
    refused(
        caller.call("PUT", f"/users/{member.public_id}/active", {"active": "no"}),
        400,
        "api.context.invalid_body_param.app_error",
    )
    assert User.objects.get(pk=member.pk).is_active


def test_oneself_is_not_deactivated(caller, admin):
    refused(caller.call("DELETE", f"/users/{admin.public_id}"), 403, "api.user.update_active.permissions.app_error")
    admin.refresh_from_db()
    assert admin.is_active


def test_an_unknown_user(caller):
    refused(caller.call("GET", f"/users/{UNKNOWN}"), 404, "app.user.missing_account.const")
    refused(caller.call("GET", "/users/nothing-like-an-id"), 404, "api.context.404.app_error")


@pytest.mark.parametrize("path", ["/users/email/MIKA@brightwater.example", "/users/username/Mika"])
def test_by_email_and_by_username(caller, member_caller, member, path):
    assert ok(caller.call("GET", path))["id"] == member.public_id
    assert ok(member_caller.call("GET", path))["id"] == member.public_id


def test_a_name_that_nobody_has(caller):
    for path in ("/users/email/mika", "/users/username/nobody", "/users/email/x%00y", "/users/username/%ed%a0%80"):
        refused(caller.call("GET", path), 404, "app.user.missing_account.const")


def test_roles(caller, member):
    path = f"/users/{member.public_id}"
    for roles in ("system_user system_admin", "system_user"):
        assert ok(caller.call("PUT", f"{path}/roles", {"roles": roles})) == {"status": "OK"}
        assert ok(caller.call("GET", path))["roles"] == roles
    for odd in ("system_admin", "", "system_user team_admin"):
        refused(caller.call("PUT", f"{path}/roles", {"roles": odd}), 400, "api.context.invalid_body_param.app_error")
    assert ok(caller.call("GET", path))["roles"] == "system_user"


def test_nobody_takes_the_role_from_oneself(caller, admin):
    path = f"/users/{admin.public_id}/roles"
    refused(caller.call("PUT", path, {"roles": "system_user"}), 403, "api.user.update_active.permissions.app_error")
    admin.refresh_from_db()
    assert admin.is_system_admin


def test_text_that_no_database_keeps(caller):
    for odd in ("x\0y", "\ud800"):
        refused(
            caller.call("POST", "/users", {"email": "x@example.com", "username": odd, "password": PASSWORD}),
            400,
            "api.context.invalid_body_param.app_error",
        )
        refused(Caller().login(odd), 400, "api.context.invalid_body_param.app_error")
    assert User.objects.count() == 1


def test_stats(caller, member, admin):
    make_user("robot", is_bot=True)
    assert ok(caller.call("GET", "/users/stats")) == {"total_users_count": 2}


def test_a_member_may_look_at_oneself_and_change_nothing(member_caller, member, admin):
    before = list(User.objects.order_by("pk").values())
    assert ok(member_caller.call("GET", f"/users/{member.public_id}"))["username"] == "mika"
    for other in (admin.public_id, "email/anna@brightwater.example", "username/anna"):
        refused(member_caller.call("GET", f"/users/{other}"), 404, "app.user.missing_account.const")
    refused(member_caller.call("GET", "/users"), 403, DENIED)
    refused(
        member_caller.call("POST", "/users", {"email": "x@example.com", "username": "x", "password": PASSWORD}),
        403,
        DENIED,
    )
    refused(member_caller.call("DELETE", f"/users/{admin.public_id}"), 403, DENIED)
    refused(member_caller.call("PUT", f"/users/{admin.public_id}/active", {"active": False}), 403, DENIED)
    refused(
        member_caller.call("PUT", f"/users/{member.public_id}/roles", {"roles": "system_user system_admin"}),
        403,
        DENIED,
    )
    assert list(User.objects.order_by("pk").values()) == before
