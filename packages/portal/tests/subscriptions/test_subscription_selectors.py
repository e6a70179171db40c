from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from keywright_portal.catalog.models import Plan
from keywright_portal.domain.money import Money
from keywright_portal.domain.term import term_span
from keywright_portal.kit.actor import Actor, system
from keywright_portal.kit.errors import PermissionDeniedError
from keywright_portal.kit.models import AuditEntry
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term
from keywright_portal.subscriptions.selectors import counts_for, current_terms_for
from keywright_portal.subscriptions.services.open_subscription import open_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
DAY = timedelta(days=1)


@pytest.fixture
def buy(buyer, now):
    def _open(seats=200, *, plan="E20", by=buyer, at=now, cause_id=None):
        sold = Plan.objects.get(code=plan)
        return open_subscription(
            organization=by.organization,
            plan=sold,
            add_ons=list(sold.add_ons.all()),
            seats=seats,
            price_per_user=Money(12_240, "USD"),
            cause_id=cause_id or uuid.uuid4(),
            actor=system("test"),
            now=at,
        )

    return _open


@pytest.fixture
def renew():
    """The next term of a subscription, as a renewal will write it."""

    def _renew(term, seats):
        number = term.subscription.terms.count() + 1
        span = term_span(anchor=term.subscription.anchor, number=number)
        return Term.objects.create(
            subscription=term.subscription,
            number=number,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            plan=term.plan,
            seats=seats,
            price_per_user=term.price_per_user,
            currency=term.currency,
        )

    return _renew


def current(buyer, at):
    return [(term.number, term.seats) for term in current_terms_for(actor=buyer.actor, now=at)]


def figures(buyer, at):
    found = counts_for(actor=buyer.actor, now=at)
    return found.subscriptions, found.active, found.seats


# ---- Opening ---------------------------------------------------------------------------------------------------------


def test_the_first_term_begins_on_the_day_of_payment_in_utc(buy, now):
    term = buy(at=now)
    assert term.subscription.anchor == date(2026, 3, 12)
    assert term.span == term_span(anchor=date(2026, 3, 12), number=1)
    assert [(entry.seats, entry.term) for entry in SeatLedgerEntry.objects.all()] == [(200, term)]
    assert [add_on.code for add_on in term.add_ons.all()] == ["premier-support"]
    assert AuditEntry.objects.get(action="subscription.opened").after["seats"] == 200


def test_one_cause_opens_one_subscription(buy):
    cause = uuid.uuid4()
    buy(cause_id=cause)
    with pytest.raises(IntegrityError), transaction.atomic():
        buy(cause_id=cause)
    assert (Subscription.objects.count(), Term.objects.count(), SeatLedgerEntry.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("seats", [0, -1])
def test_the_database_keeps_seats_from_falling(buy, seats):
    term = buy()
    with pytest.raises(IntegrityError), transaction.atomic():
        SeatLedgerEntry.objects.create(term=term, seats=seats, cause_id=uuid.uuid4(), created_at=term.starts_at)


def test_the_database_keeps_terms_in_order(buy, renew):
    term = buy()
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=term.pk).update(ends_at=term.starts_at)
    second = renew(term, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=second.pk).update(number=1)


# ---- The term in force -----------------------------------------------------------------------------------------------


def test_a_term_that_was_bought_ahead_takes_over_on_its_day(buyer, buy, renew, now):
    term = buy(200)
    following = renew(term, 250)
    assert current(buyer, now) == [(1, 200)]
    assert current(buyer, following.starts_at - timedelta(microseconds=1)) == [(1, 200)]
    assert current(buyer, following.starts_at) == [(2, 250)]
    assert current(buyer, following.ends_at + 400 * DAY) == [(2, 250)]


def test_two_terms_bought_ahead_take_over_one_after_the_other(buyer, buy, renew):
    terms = [buy(1)]
    terms += [renew(terms[0], 2)]
    terms += [renew(terms[0], 3)]
    assert [current(buyer, term.starts_at) for term in terms] == [[(1, 1)], [(2, 2)], [(3, 3)]]


def test_a_subscription_that_has_not_begun_is_listed_by_its_first_term(buyer, buy, now):
    buy(5, at=now + 10 * DAY)
    assert current(buyer, now) == [(1, 5)]


def test_the_newest_subscription_comes_first(buyer, buy, now):
    buy(1, at=now)
    buy(2, at=now + DAY)
    buy(3, at=now + DAY)
    assert [seats for _number, seats in current(buyer, now + 2 * DAY)] == [3, 2, 1]


def test_another_organizations_are_not_listed_or_counted(buyer, stranger, buy, now):
    buy(1)
    buy(100, by=stranger)
    assert (current(buyer, now), figures(buyer, now)) == ([(1, 1)], (1, 1, 1))


def test_the_figures_count_what_is_in_force(buyer, buy, renew, now):
    assert figures(buyer, now) == (0, 0, 0)
    term = buy(200)
    buy(5, plan="E10")
    renew(term, 250)
    assert figures(buyer, now) == (2, 2, 205)
    assert figures(buyer, term.ends_at) == (2, 1, 250)
    assert figures(buyer, term.ends_at + 400 * DAY) == (2, 0, 0)


def test_the_largest_seats_add_up(buyer, buy, now):
    for _ in range(3):
        buy(2_147_483_647)
    assert figures(buyer, now) == (3, 3, 6_442_450_941)


@pytest.mark.parametrize("many", [1, 40])
def test_lists_and_figures_cost_the_same_for_one_and_many(*, buyer, buy, renew, now, django_assert_num_queries, many):
    for _ in range(many):
        renew(buy(), 250)
    with django_assert_num_queries(2):
        listed = [
            (term.plan.code, term.subscription.anchor, [add_on.name for add_on in term.add_ons.all()])
            for term in current_terms_for(actor=buyer.actor, now=now)
        ]
    assert len(listed) == many
    with django_assert_num_queries(1):
        counts_for(actor=buyer.actor, now=now)


def test_the_permission_is_asked_for(buyer, now):
    nobody = Actor(user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset())
    for read in (current_terms_for, counts_for):
        with pytest.raises(PermissionDeniedError):
            read(actor=nobody, now=now)
