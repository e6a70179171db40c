"""Two catalogs applied at the same moment. On PostgreSQL alone, see conftest.py."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from django.db import IntegrityError, connection
from small_catalog import read

from keywright_portal.catalog.models import Price, Product
from keywright_portal.catalog.services import apply_catalog as service
from keywright_portal.kit.actor import system

pytestmark = pytest.mark.django_db(transaction=True)

DEAR = ('EUR = "102.00"', 'EUR = "120.00"')
TOGETHER = 1.0
"""Seconds that one waits for the other to have read the catalog too: with the lock on it never has."""


def race(catalog, now, monkeypatch):
    """Apply `catalog` twice at once, each having read what is there before the other writes, if it can."""
    both_have_read = threading.Barrier(2)
    load = service.load

    def load_together():
        stored = load()
        with suppress(threading.BrokenBarrierError):
            both_have_read.wait(timeout=TOGETHER)
        return stored

    monkeypatch.setattr(service, "load", load_together)
    outcomes = []

    def run():
        try:
            outcomes.append(len(service.apply_catalog(catalog=catalog, actor=system("test"), now=now)))
        except IntegrityError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_first_catalogs_one_is_added_and_the_other_changes_nothing(folder, now, monkeypatch):
    outcomes = race(read(folder), now, monkeypatch)

    assert sorted(outcomes) == [0, 13]
    assert (Product.objects.count(), Price.objects.count()) == (1, 5)


def test_of_two_new_prices_one_takes_the_old_ones_place(folder, now, monkeypatch):
    service.apply_catalog(catalog=read(folder), actor=system("test"), now=now)

    outcomes = race(read(folder, DEAR), now, monkeypatch)

    assert sorted(outcomes) == [0, 1]
    prices = Price.objects.filter(plan__code="pro", currency="EUR")
    assert sorted(prices.values_list("amount", "superseded_at")) == [(10200, now), (12000, None)]


def test_with_the_lock_off_the_race_is_lost(folder, now, monkeypatch):
    """The twin: it shows that the tests above would notice. The unique constraint still keeps the prices single."""
    service.apply_catalog(catalog=read(folder), actor=system("test"), now=now)
    monkeypatch.setattr(service, "_lock", lambda **_: None)

    outcomes = race(read(folder, DEAR), now, monkeypatch)

    assert sorted(type(outcome) for outcome in outcomes if not isinstance(outcome, int)) == [IntegrityError]
    assert Price.objects.filter(plan__code="pro", currency="EUR", superseded_at=None).count() == 1
