"""Cards that are tried are counted, by order, account and address; above the limit nothing more is tried."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum

from keywright_portal.billing import tasks
from keywright_portal.billing.errors import TooManyCardTriesError
from keywright_portal.billing.models import CardTry
from keywright_portal.billing.services import take_card_try as counting
from keywright_portal.billing.services.take_card_try import PER_ACCOUNT, PER_ADDRESS, PER_ORDER, take_card_try
from racing import AT_ONCE, ROUNDS, at_once, meeting

pytestmark = pytest.mark.django_db

OFFICE, HOME = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def attempt(buyer, now):
    def _attempt(*, by=buyer.actor, order=None, address=OFFICE, at=now):
        take_card_try(actor=by, address=address, order_id=order, now=at)

    return _attempt


def refused(attempt, **asked):
    with pytest.raises(TooManyCardTriesError) as told:
        attempt(**asked)
    return told.value


def tries():
    return {
        row["limit"]: row["tries"]
        for row in CardTry.objects.values("limit").annotate(tries=Sum("count")).order_by("limit")
    }


def test_an_order_takes_so_many_tries_and_no_more(attempt, now):
    order = uuid.uuid4()
    for _ in range(PER_ORDER.count):
        attempt(order=order)
    error = refused(attempt, order=order)

    assert str(error.message) == (
        "Too many cards were tried within an hour. Nothing was charged for this try. Go on in 30 minutes; what you"
        " filled in stays as it is."
    )
    assert (error.code, error.retry_after) == ("too_many_card_tries", 1_800)
    attempt(order=uuid.uuid4())


def test_a_refused_try_counts_nowhere(attempt):
    order = uuid.uuid4()
    for _ in range(PER_ORDER.count):
        attempt(order=order)
    for _ in range(5):
        refused(attempt, order=order)

    assert tries() == dict.fromkeys(("order", "account", "address"), PER_ORDER.count)


def test_another_order_does_not_help_an_account(attempt, stranger):
    for _ in range(PER_ACCOUNT.count):
        attempt(order=uuid.uuid4())

    refused(attempt, order=uuid.uuid4())
    refused(attempt, order=uuid.uuid4(), address=HOME)
    attempt(by=stranger.actor, order=uuid.uuid4())


def test_another_account_does_not_help_an_address(attempt, buyer):
    accounts = [replace(buyer.actor, user_id=uuid.uuid4()) for _ in range(PER_ADDRESS.count)]
    for account in accounts:
        attempt(by=account)

    refused(attempt, by=replace(buyer.actor, user_id=uuid.uuid4()))
    attempt(by=accounts[0], address=HOME)


def test_saving_a_card_counts_as_paying_does(attempt):
    for _ in range(PER_ACCOUNT.count):
        attempt(order=None)

    refused(attempt, order=uuid.uuid4())


def test_a_network_that_hands_out_many_addresses_is_one(attempt, buyer, monkeypatch):
    monkeypatch.setattr(counting, "PER_ADDRESS", replace(PER_ADDRESS, count=1))
    attempt(address="2001:db8::1")

    refused(attempt, address="2001:db8::ffff:2")
    attempt(address="2001:db8:0:1::1")
    attempt(address="unix:")


def test_when_the_window_is_over_it_goes_on(attempt, now):
    order = uuid.uuid4()
    for _ in range(PER_ORDER.count):
        attempt(order=order)
    window_ends = datetime(2026, 3, 12, 10, tzinfo=UTC)

    assert refused(attempt, order=order, at=window_ends - timedelta(seconds=1)).retry_after == 1
    attempt(order=order, at=window_ends)


def test_neither_account_nor_address_is_kept_in_clear(attempt, buyer):
    attempt(order=uuid.uuid4())

    for row in CardTry.objects.all():
        assert len(row.subject) == 64
        assert OFFICE not in row.subject
        assert str(buyer.user.pk) not in row.subject


def test_what_counts_no_more_is_dropped(attempt, now, monkeypatch, catalog):
    attempt()
    monkeypatch.setattr(tasks.clock, "now", lambda: now + timedelta(hours=1))
    attempt(at=now + timedelta(hours=1))
    tasks.look_at_cards()

    assert [row.window_ends_at for row in CardTry.objects.all()] == [datetime(2026, 3, 12, 11, tzinfo=UTC)] * 2


# ---- At the same moment ----------------------------------------------------------------------------------------------

FEW = 3


def go(attempt, order):
    outcomes = at_once([lambda: attempt(order=order) for _ in range(AT_ONCE)], expect=(TooManyCardTriesError,))
    return sum(outcome is None for outcome in outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_tries_at_once_no_more_pass_than_the_limit_lets(attempt, monkeypatch):
    monkeypatch.setattr(counting, "PER_ORDER", replace(PER_ORDER, count=FEW))
    monkeypatch.setattr(counting, "PER_ACCOUNT", replace(PER_ACCOUNT, count=ROUNDS * AT_ONCE))
    monkeypatch.setattr(counting, "PER_ADDRESS", replace(PER_ADDRESS, count=ROUNDS * AT_ONCE))
    for _ in range(ROUNDS):
        assert go(attempt, uuid.uuid4()) == FEW


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_reading_and_writing_back_would_let_more_through(attempt, monkeypatch):
    """The twin: everybody reads a count below the limit, then everybody counts one."""
    monkeypatch.setattr(counting, "PER_ORDER", replace(PER_ORDER, count=FEW))
    order = uuid.uuid4()
    attempt(order=order)
    everybody_has_read = meeting(lambda: None, of=AT_ONCE)

    def add_one(row, *, most):
        if row.limit != "order":
            return True
        found = CardTry.objects.get(limit=row.limit, subject=row.subject)
        everybody_has_read()
        CardTry.objects.filter(pk=found.pk).update(count=found.count + 1)
        return found.count < most

    monkeypatch.setattr(counting, "add_one", add_one)
    assert go(attempt, order) == AT_ONCE
