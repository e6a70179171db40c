"""Many requests at the same moment. On PostgreSQL alone, see conftest.py."""

from __future__ import annotations

import threading

import pytest
from django.core.cache import cache
from django.db import connection

from keywright_portal.support.rate_limit import Limit, take_place

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = Limit("trial", 3, 3_600)
AT_ONCE = 8


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


def race(take):
    """Let AT_ONCE requests go together; how many got a place."""
    together = threading.Barrier(AT_ONCE)
    got = []

    def run():
        try:
            together.wait()
            got.append(take())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(got)


def test_no_more_get_a_place_than_there_are(now):
    assert race(lambda: take_place(limit=LIMIT, subject="somebody", now=now)) == LIMIT.count


def test_counting_up_would_let_more_through(now):
    """The twin: reading a count and writing it back lets everybody through who read it in time."""
    all_have_read = threading.Barrier(AT_ONCE)

    def count_up():
        count = cache.get("count", 0)
        all_have_read.wait()
        cache.set("count", count + 1)
        return count < LIMIT.count

    assert race(count_up) == AT_ONCE
