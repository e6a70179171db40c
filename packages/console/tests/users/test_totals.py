"""What the database counts by itself is what is there, whatever is done to the rows; and the view says what it says."""

import random

import pytest
from django.db import connection, transaction

from conftest import make_user
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import COUNTS, User, UserTotals
from keywright_console.users.selectors import count_active, counts, users_for
from vendor import DAY, NOON

pytestmark = pytest.mark.django_db


def fresh(number, *, bot=False, gone=False):
    return User(
        email=f"u{number}@example.com",
        username=f"u{number}",
        password="!",
        is_bot=bot,
        created_at=NOON,
        updated_at=NOON,
        deactivated_at=NOON if gone else None,
    )


def true_counts():
    return (
        User.objects.filter(COUNTS).count(),
        User.objects.filter(is_bot=False).exclude(deactivated_at=None).count(),
        User.objects.filter(is_bot=True).count(),
    )


def kept_counts():
    found = counts()
    assert found.active == count_active()
    return found.active, found.deactivated, found.bots


def test_a_fresh_console_counts_nobody():
    assert (kept_counts(), counts().all) == ((0, 0, 0), 0)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_done_to_the_rows_the_counts_are_true(seed):
    chance = random.Random(seed)
    number = 0
    for _ in range(30):
        step = chance.randrange(6)
        some = User.objects.filter(pk__in=list(User.objects.order_by("?").values_list("pk", flat=True)[:3]))
        if step == 0:
            made = [
                fresh(number + n, bot=chance.random() < 0.3, gone=chance.random() < 0.3)
                for n in range(chance.randrange(5))
            ]
            User.objects.bulk_create(made)
            number += len(made)
        elif step == 1:
            some.update(deactivated_at=NOON)
        elif step == 2:
            some.update(deactivated_at=None, is_bot=chance.random() < 0.5)
        elif step == 3:
            some.update(last_activity_at=NOON)
        elif step == 4:
            some.delete()
        else:
            with transaction.atomic():
                User.objects.bulk_create([fresh(number)])
                transaction.set_rollback(True)
        assert kept_counts() == true_counts()


def test_one_conflict_ignored_is_counted_once():
    User.objects.bulk_create([fresh(1)])
    User.objects.bulk_create([fresh(1), fresh(2)], ignore_conflicts=True)
    assert kept_counts() == true_counts() == (2, 0, 0)


def test_emptied_totals_are_right_again_with_the_next_user():
    User.objects.all().delete()
    UserTotals.objects.all().delete()
    User.objects.bulk_create([fresh(1)])
    assert kept_counts() == (1, 0, 0)


def test_the_view_shows_each_user_in_words(now):
    make_user("anna", is_system_admin=True)
    make_user("robot", is_bot=True)
    make_user("gone")
    make_user("mika")
    User.objects.filter(username="gone").update(deactivated_at=now)
    User.objects.filter(username="mika").update(last_activity_at=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT username, role, state, takes_seat FROM keywright_users ORDER BY username")
        assert cursor.fetchall() == [
            ("anna", "system_admin", "active", 1),
            ("gone", "member", "deactivated", 0),
            ("mika", "member", "active", 1),
            ("robot", "bot", "active", 0),
        ]
        cursor.execute("SELECT username FROM keywright_users WHERE inactive_since = last_activity_at")
        assert cursor.fetchall() == [("mika",)]
        cursor.execute("SELECT COUNT(*) FROM keywright_users WHERE inactive_since = created_at")
        assert cursor.fetchall() == [(3,)]
        cursor.execute("SELECT * FROM keywright_users WHERE username = 'nobody'")
        assert [column[0] for column in cursor.description] == [
            "id",
            "username",
            "email",
            "role",
            "state",
            "takes_seat",
            "created_at",
            "last_activity_at",
            "deactivated_at",
            "inactive_since",
        ]


def test_who_was_not_here_is_found_by_the_index_on_it(now):
    found = users_for(actor=SHELL, not_here_since=now - DAY).order_by()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # of no rows, and by stale statistics, every index is as good as another
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("DROP INDEX users_activity, users_counted, users_active_admin")
    assert "users_inactive_since" in found.explain()
