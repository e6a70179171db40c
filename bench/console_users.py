"""Inside the console's process: a million users, the count of the active ones, and the pages of the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measure import Figure, in_turn, in_words
from keywright_console.kit import clock
from keywright_console.kit.actor import SHELL
from keywright_console.users.models import COUNTS, User
from keywright_console.users.selectors import count_active
from keywright_console.users.services.create_user import create_user

MANY = 1_000_000
AT_ONCE = 5_000
COUNT_WITHIN = 0.05
"""Seconds."""
QUERIES = 10
PAGES = {
    "the first page": "/users/",
    "a page in the middle": "/users/?after=user500000",
    "the active ones from the middle": "/users/?status=active&after=user500000",
    "a search that finds one": "/users/?q=user765432@",
    "a search that finds nobody": "/users/?q=nobody-at-all",
    "not here for 90 days": "/users/?inactive=90",
}


def measured(folder: Path) -> Iterator[Figure]:  # noqa: ARG001 - the signature of every benchmark of the console
    settings.ALLOWED_HOSTS = ["testserver"]
    now = clock.now()
    admin = create_user(
        actor=SHELL, email="a@example.com", username="anna", password="a correct horse", is_system_admin=True, now=now
    )
    _fill()
    yield _count()
    client = Client()
    client.force_login(admin)
    for what, path in PAGES.items():
        client.get(path)
        began = perf_counter()
        with CaptureQueriesContext(connection) as asked:
            status = client.get(path).status_code
        took = perf_counter() - began
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        yield Figure(
            name=f"Users’ page with {MANY:,}: {what} ({in_words(took)}), queries",
            ours=str(len(asked)),
            floor=str(QUERIES),
            ratio=len(asked) / QUERIES,
            goal="at most 1",
            met=len(asked) <= QUERIES,
        )


def _count() -> Figure:
    """Against counting the rows anew, by the index made for it."""
    mine, bare = in_turn(count_active, lambda: User.objects.filter(COUNTS).count())
    if count_active() != User.objects.filter(COUNTS).count():
        raise RuntimeError("the count that is kept is not the true one")
    return Figure(
        name=f"Active users of {MANY:,}, against counting them anew",
        ours=in_words(mine),
        floor=in_words(bare),
        ratio=mine / bare,
        goal=f"under {in_words(COUNT_WITHIN)}",
        met=mine < COUNT_WITHIN,
    )


def _fill() -> None:
    now = clock.now()

    def one(number: int) -> User:
        return User(
            username=f"user{number:06}",
            email=f"user{number:06}@example.com",
            password="!",
            is_bot=number % 100 == 0,
            created_at=now - timedelta(days=400),
            updated_at=now,
            deactivated_at=now if number % 10 == 1 else None,
            last_activity_at=now - timedelta(days=number % 200),
        )

    users = map(one, range(MANY - 1))
    while batch := list(islice(users, AT_ONCE)):
        User.objects.bulk_create(batch, batch_size=AT_ONCE if connection.vendor == "postgresql" else None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
