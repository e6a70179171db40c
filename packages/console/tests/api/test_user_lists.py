from datetime import timedelta

import pytest
from caller import Caller, ok, refused
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_user
from keywright_console.api.user_lists import LONGEST_DAYS, MOST_AT_ONCE, PER_PAGE_MAX
from keywright_console.kit.models import AuditRow
from keywright_console.users.models import User
from vendor import NOON

INVALID_BODY = "api.context.invalid_body_param.app_error"


@pytest.fixture
def caller(admin, clock_at_noon):
    return Caller(admin)


def names(response):
    return [user["username"] for user in ok(response)]


def test_the_list_comes_in_pages(caller):
    for name in ("ben", "carla", "dora"):
        make_user(name)
    assert [user["username"] for user in ok(caller.call("GET", "/users?page=0&per_page=3"))] == ["anna", "ben", "carla"]
    assert [user["username"] for user in ok(caller.call("GET", "/users?page=1&per_page=3"))] == ["dora"]
    assert ok(caller.call("GET", "/users?page=9&per_page=3")) == []
    for odd in ("page=-1", "per_page=0", "per_page=x", "page=²", "per_page=99999999999", "page=99999999999"):
        assert len(ok(caller.call("GET", f"/users?{odd}"))) == 4


def test_the_list_by_standing(caller, admin, member):
    caller.call("DELETE", f"/users/{member.public_id}")
    make_user("robot", is_bot=True)

    def listed(query):
        return [user["username"] for user in ok(caller.call("GET", f"/users?{query}"))]

    assert listed("active=true") == ["anna"]
    assert listed("inactive=true") == ["mika"]
    assert listed("active=false") == ["anna", "mika", "robot"]


def test_the_list_of_those_who_were_not_here(caller, admin, member):
    ben = make_user("ben")
    User.objects.filter(pk=ben.pk).update(last_activity_at=NOON - timedelta(days=100))
    assert names(caller.call("GET", "/users?inactive_days=90")) == ["ben"]
    assert names(caller.call("GET", "/users?inactive_days=101")) == []
    assert names(caller.call("GET", f"/users?inactive_days={LONGEST_DAYS + 1}")) == ["anna", "ben", "mika"]


def test_search(caller, admin, member):
    make_user("robot", is_bot=True)
    caller.call("DELETE", f"/users/{member.public_id}")
    assert names(caller.call("POST", "/users/search", {"term": "AN"})) == ["anna"]
    assert names(caller.call("POST", "/users/search", {"term": "brightwater"})) == ["anna", "robot"]
    everybody = {"term": "", "allow_inactive": True}
    assert names(caller.call("POST", "/users/search", everybody)) == ["anna", "mika", "robot"]
    assert names(caller.call("POST", "/users/search", {**everybody, "limit": 1})) == ["anna"]
    for odd in ({"limit": 0}, {"limit": True}, {"limit": "5"}, {"term": 5}, {"allow_inactive": "yes"}):
        refused(caller.call("POST", "/users/search", odd), 400, INVALID_BODY)


def test_many_at_once(caller, admin, member):
    ben = make_user("ben")
    ids = [member.public_id, ben.public_id, admin.public_id, "y" * 26, ben.public_id]
    assert ok(caller.call("PUT", "/users/active", {"user_ids": ids, "active": False})) == {
        "activated": 0,
        "deactivated": 2,
        "unchanged": 2,
        "refused": [{"username": "anna", "message": "You can’t deactivate yourself."}],
    }
    assert names(caller.call("GET", "/users?active=true")) == ["anna"]
    assert ok(caller.call("PUT", "/users/active", {"user_ids": ids, "active": True}))["activated"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"user_ids": [], "active": "no"},
        {"user_ids": []},
        {"active": False},
        {"user_ids": "anna", "active": False},
        {"user_ids": [5], "active": False},
        {"user_ids": ["anna"], "active": False},
        {"user_ids": ["y" * 26] * (MOST_AT_ONCE + 1), "active": False},
    ],
)
def test_many_at_once_of_another_shape(caller, member, body):
    rows = AuditRow.objects.count()
    refused(caller.call("PUT", "/users/active", body), 400, INVALID_BODY)
    assert AuditRow.objects.count() == rows


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/users?per_page={PER_PAGE_MAX}", None),
        ("GET", "/users?inactive_days=0", None),
        ("POST", "/users/search", {"term": "brightwater"}),
        ("GET", "/users/stats", None),
        ("GET", "/analytics/old?name=standard", None),
        ("GET", "/license/load_metric", None),
    ],
)
def test_many_users_take_no_more_queries(caller, method, path, body):
    def count():
        with CaptureQueriesContext(connection) as asked:
            ok(caller.call(method, path, body))
        return len(asked)

    few = count()
    for number in range(40):
        make_user(f"user{number}")
    assert count() == few <= 10
