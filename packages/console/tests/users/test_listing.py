import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.users.listing import batches, count_up_to, every, page_of
from keywright_console.users.models import User
from keywright_console.users.selectors import Status, users_for
from vendor import DAY, NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd():
    User.objects.bulk_create(
        User(email=f"u{n:02}@example.com", username=f"u{n:02}", password="!", created_at=NOON, updated_at=NOON)
        for n in range(25)
    )


def names(page):
    return [user.username for user in page.users]


def walk(size, **given):
    """All pages from the first to the last, and back again."""
    found = users_for(actor=SHELL, **given)
    forth, page = [], page_of(found, size=size)
    while True:
        forth.append(names(page))
        if not page.after:
            break
        page = page_of(found, size=size, after=page.after)
    back = [names(page)]
    while page.before:
        page = page_of(found, size=size, before=page.before)
        back.append(names(page))
    return forth, back[::-1]


@pytest.mark.parametrize("size", [1, 7, 24, 25, 26])
def test_pages_forth_and_back_show_everybody_once(crowd, size):
    forth, back = walk(size)
    assert [name for page in forth for name in page] == [f"u{n:02}" for n in range(25)]
    assert back == forth
    assert {len(page) for page in forth[:-1]} <= {size}


def test_the_first_page_has_no_neighbour_before(crowd):
    page = page_of(users_for(actor=SHELL), size=10)
    assert (page.before, page.after) == ("", "u09")
    last = page_of(users_for(actor=SHELL), size=10, after="u19")
    assert (last.before, last.after, names(last)) == ("u20", "", [f"u{n}" for n in range(20, 25)])


def test_a_page_behind_the_end_is_empty(crowd):
    page = page_of(users_for(actor=SHELL), size=10, after="zz")
    assert (page.users, page.before, page.after) == ([], "", "")


def test_a_page_costs_two_queries_wherever_it_stands(crowd):
    for given in ({}, {"after": "u11"}, {"before": "u20"}):
        with CaptureQueriesContext(connection) as asked:
            page_of(users_for(actor=SHELL, status=Status.ACTIVE, search="u"), size=5, **given)
        assert len(asked) == 2
        assert "OFFSET" not in str(asked.captured_queries)


def test_the_keys_of_a_page_come_from_the_index_alone(crowd):
    found = users_for(actor=SHELL, search="example").values_list("username", "pk")[:6]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # 25 rows are quicker read another way; a million aren’t
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            cursor.execute("ALTER TABLE users_user DROP CONSTRAINT users_user_username_key")
        assert "Index Only Scan using users_listed" in found.explain()
    else:
        assert "COVERING INDEX users_listed" in found.explain()


def test_not_here_since(now):
    for name, seen, made in (
        ("here", now, now - 100 * DAY),
        ("away", now - 90 * DAY, now - 100 * DAY),
        ("never", None, now - 90 * DAY),
        ("new", None, now - 89 * DAY),
        ("robot", None, now - 100 * DAY),
        ("gone", None, now - 100 * DAY),
    ):
        make_user(name, is_bot=name == "robot")
        User.objects.filter(username=name).update(
            last_activity_at=seen, created_at=made, deactivated_at=now if name == "gone" else None
        )
    found = users_for(actor=SHELL, not_here_since=now - 90 * DAY)
    assert [user.username for user in found] == ["away", "never"]
    assert names(page_of(found, size=1, after="away")) == ["never"]


def test_counting_stops_above_what_is_of_use(crowd):
    assert count_up_to(users_for(actor=SHELL)) == 25
    assert count_up_to(users_for(actor=SHELL), most=10) == 11


def test_every_reads_on_where_it_stopped(crowd, monkeypatch):
    monkeypatch.setattr("keywright_console.users.listing.READ_AT_ONCE", 10)
    with CaptureQueriesContext(connection) as asked:
        assert [user.username for user in every(users_for(actor=SHELL))] == [f"u{n:02}" for n in range(25)]
    assert len(asked) == 3


def test_batches():
    assert list(batches(range(5), size=2)) == [[0, 1], [2, 3], [4]]
