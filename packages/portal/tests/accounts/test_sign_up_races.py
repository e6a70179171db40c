"""Two people signing up at the same moment. On PostgreSQL alone, see conftest.py."""

from __future__ import annotations

import threading

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection

from keywright_portal.accounts.errors import AddressTakenError
from keywright_portal.accounts.models import Organization, User
from keywright_portal.accounts.services import sign_up as service

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def race(now, *, emails, name="Brightwater Logistics"):
    """Sign up with each address at once, all let go together; what became of each."""
    together = threading.Barrier(len(emails))
    outcomes = []

    def run(email):
        try:
            together.wait()
            made = service.sign_up(
                name="Ana Ferreira",
                email=email,
                password="tidal-lantern-orbit",
                organization_name=name,
                country="DE",
                privacy_version="2026-01",
                now=now,
            )
            outcomes.append(made.organization.slug)
        except (AddressTakenError, IntegrityError) as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(email,)) for email in emails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_four_with_one_address_one_gets_an_account(now, number):
    outcomes = race(now, emails=["ana@brightwater.example"] * 4)

    assert sorted(map(str, outcomes)) == sorted(map(str, [AddressTakenError] * 3 + ["brightwater-logistics"]))
    assert (User.objects.count(), Organization.objects.count()) == (1, 1)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_four_organizations_of_one_name_get_four_slugs(now, number):
    outcomes = race(now, emails=[f"{place}@brightwater.example" for place in range(4)])

    assert len(set(outcomes)) == 4
    assert {"brightwater-logistics", "brightwater-logistics-2", "brightwater-logistics-3"} < set(outcomes)
    assert (User.objects.count(), Organization.objects.count()) == (4, 4)


def test_with_the_guard_off_the_race_is_lost(now, monkeypatch):
    """The twin: looking first whether a slug is free, and trying no other, fails whoever comes second."""
    both_have_looked = threading.Barrier(2)

    def look_then_take(*, name, country, now):
        slug = next(slug for slug in service.slugs_for(name) if not Organization.objects.filter(slug=slug).exists())
        both_have_looked.wait()
        return Organization.objects.create(slug=slug, name=name, country=country, created_at=now)

    monkeypatch.setattr(service, "_create_organization", look_then_take)

    outcomes = race(now, emails=["1@brightwater.example", "2@brightwater.example"])

    assert sorted(map(str, outcomes)) == sorted([str(IntegrityError), "brightwater-logistics"])
    assert (User.objects.count(), Organization.objects.count()) == (1, 1)
