"""Saved cards: each once, one of them first, and none taken away without a word that a renewal needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django_q.models import OrmQ

from gateway_double import VISA
from keywright_portal.accounts.models import Role
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.billing import selectors, tasks
from keywright_portal.billing.errors import CardNeededError, CardNotSavedError
from keywright_portal.billing.models import PayerAccount, SavedCard
from keywright_portal.billing.services.choose_default_card import choose_default_card
from keywright_portal.billing.services.keep_card import FORGET_TASK, keep_card
from keywright_portal.billing.services.remove_card import remove_card
from keywright_portal.billing.services.save_card import begin_saving_card, finish_saving_card
from keywright_portal.catalog.models import Plan
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry
from keywright_portal.payments.gateway import CardSetup, GatewayError, PaymentFailure
from keywright_portal.subscriptions.models import Subscription, Term
from keywright_portal.subscriptions.selectors import RENEWAL_ENDS
from racing import AT_ONCE, ROUNDS, at_once, meeting, without_row_locks

pytestmark = pytest.mark.django_db

VISA_ONE = replace(VISA, method_id="pm_visa_1", fingerprint="fp_visa")
VISA_ANEW = replace(VISA, method_id="pm_visa_2", fingerprint="fp_visa", expires_year=2033)
MASTERCARD = replace(VISA, method_id="pm_mc", brand="mastercard", last4="4444", fingerprint="fp_mc")
UNMARKED = replace(VISA, method_id="pm_unmarked", fingerprint="")


@pytest.fixture
def keep(buyer, now):
    def _keep(card, *, organization=None, at=now):
        return keep_card(organization=organization or buyer.organization, card=card, actor=buyer.actor, now=at)

    return _keep


@pytest.fixture
def cards(buyer):
    """The organization's cards as the page lists them: id at the provider, and whether it is the default."""
    return lambda: [(card.provider_method_id, card.is_default) for card in selectors.saved_cards_for(actor=buyer.actor)]


@pytest.fixture
def running_term(buyer, catalog, now):
    """A subscription whose term ends in 100 days."""
    plan = Plan.objects.get(code="E20")
    subscription = Subscription.objects.create(
        organization=buyer.organization, product=plan.product, anchor=now.date(), created_at=now
    )
    return Term.objects.create(
        subscription=subscription,
        number=1,
        starts_at=now,
        ends_at=now + timedelta(days=100),
        plan=plan,
        seats=3,
        price_per_user=1,
        currency="USD",
    )


def told_to_forget():
    return [task.task["args"] for task in OrmQ.objects.order_by("pk") if task.func() == FORGET_TASK]


def test_the_first_card_is_the_default_and_the_next_one_is_not(keep, cards, now):
    keep(MASTERCARD)
    keep(VISA_ONE, at=now + timedelta(hours=1))

    assert cards() == [("pm_mc", True), ("pm_visa_1", False)]


def test_a_card_told_twice_is_one_row_and_one_trace(keep, cards):
    first = keep(VISA_ONE)

    assert keep(VISA_ONE) == first
    assert cards() == [("pm_visa_1", True)]
    assert AuditEntry.objects.filter(action="card.kept").count() == 1


def test_the_same_card_saved_anew_takes_the_place_of_the_one_before(keep, cards, buyer):
    keep(VISA_ONE)
    keep(MASTERCARD)
    anew = keep(VISA_ANEW)

    assert cards() == [("pm_visa_2", True), ("pm_mc", False)]
    assert anew.expires_year == 2033
    assert told_to_forget() == [("pm_visa_1",)]
    assert keep(VISA_ONE) == anew
    assert cards() == [("pm_visa_2", True), ("pm_mc", False)]


def test_another_organizations_card_of_the_same_number_stays(keep, cards, stranger):
    keep(VISA_ONE, organization=stranger.organization)
    keep(VISA_ANEW)

    assert cards() == [("pm_visa_2", True)]
    assert SavedCard.objects.filter(removed_at=None).count() == 2
    assert told_to_forget() == []


def test_cards_without_a_mark_are_not_taken_for_each_other(keep, cards):
    keep(UNMARKED)
    keep(replace(UNMARKED, method_id="pm_unmarked_2"))

    assert len(cards()) == 2


def test_the_provider_forgets_what_was_replaced(monkeypatch, gateway):
    monkeypatch.setattr(tasks, "gateway", lambda: gateway)
    tasks.forget_card("pm_visa_1")

    assert gateway.detached == ["pm_visa_1"]


def test_choosing_the_default_moves_it_and_twice_is_once(keep, cards, buyer, now):
    keep(VISA_ONE)
    mastercard = keep(MASTERCARD)
    for _ in range(2):
        choose_default_card(actor=buyer.actor, card_id=mastercard.pk, now=now)

    assert cards() == [("pm_mc", True), ("pm_visa_1", False)]
    assert AuditEntry.objects.filter(action="card.made_default").count() == 1


def test_who_may_not_change_billing_chooses_nothing(keep, cards, buyer, now):
    keep(VISA_ONE)
    mastercard = keep(MASTERCARD)
    member = actor_of(user_id=buyer.user.pk, organization_id=buyer.organization.pk, role=Role.MEMBER)

    with pytest.raises(PermissionDeniedError):
        choose_default_card(actor=member, card_id=mastercard.pk, now=now)
    assert cards() == [("pm_visa_1", True), ("pm_mc", False)]


def test_another_organizations_card_can_not_be_chosen(keep, stranger, now):
    keep(MASTERCARD)
    mine = keep(VISA_ONE)
    keep(UNMARKED, organization=stranger.organization)

    with pytest.raises(NotFoundError):
        choose_default_card(actor=stranger.actor, card_id=mine.pk, now=now)
    assert sorted(SavedCard.objects.filter(is_default=True).values_list("provider_method_id", flat=True)) == [
        "pm_mc",
        "pm_unmarked",
    ]


def test_when_the_default_is_removed_the_oldest_card_left_is_it(keep, cards, buyer, gateway, now):
    first = keep(VISA_ONE)
    keep(MASTERCARD, at=now + timedelta(hours=1))
    keep(UNMARKED, at=now + timedelta(hours=2))
    remove_card(actor=buyer.actor, card_id=first.pk, knows_renewals=False, gateway=gateway, now=now)

    assert cards() == [("pm_mc", True), ("pm_unmarked", False)]


@pytest.mark.usefixtures("running_term")
def test_the_last_card_that_a_renewal_needs_is_not_removed_without_a_word(keep, cards, buyer, gateway, now):
    card = keep(VISA_ONE)
    with pytest.raises(CardNeededError):
        remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)
    assert (cards(), gateway.detached) == ([("pm_visa_1", True)], [])

    remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=True, gateway=gateway, now=now)
    assert (cards(), gateway.detached) == ([], ["pm_visa_1"])


@pytest.mark.usefixtures("running_term")
@pytest.mark.parametrize(("month", "is_needed"), [(3, True), (2, False)], ids=["good through its month", "expired"])
def test_a_card_that_has_expired_is_needed_for_nothing(keep, buyer, now, month, is_needed):
    card = keep(replace(VISA_ONE, expires_year=2026, expires_month=month))

    assert selectors.needed_card_ids_for(actor=buyer.actor, now=now) == ({card.pk} if is_needed else set())


def test_of_two_good_cards_neither_is_needed(keep, buyer, running_term, now):
    keep(VISA_ONE)
    keep(MASTERCARD)

    assert selectors.needed_card_ids_for(actor=buyer.actor, now=now) == set()


def test_a_card_is_needed_for_as_long_as_there_is_something_to_renew(keep, buyer, running_term, now):
    card = keep(replace(VISA_ONE, expires_year=2040))
    last = running_term.ends_at + RENEWAL_ENDS

    assert selectors.needed_card_ids_for(actor=buyer.actor, now=last - timedelta(seconds=1)) == {card.pk}
    assert selectors.needed_card_ids_for(actor=buyer.actor, now=last) == set()


def test_a_provider_that_cannot_forget_now_changes_nothing(keep, cards, buyer, gateway, now):
    card = keep(VISA_ONE)
    gateway.fail_next = True
    with pytest.raises(GatewayError):
        remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)

    assert cards() == [("pm_visa_1", True)]


def test_a_card_that_was_removed_is_not_saved_by_an_old_page(buyer, gateway, cards, now):
    begin_saving_card(actor=buyer.actor, organization=buyer.organization, gateway=gateway)
    gateway.setup_succeeded = True

    def finish():
        return finish_saving_card(
            actor=buyer.actor, organization=buyer.organization, setup_id="seti_1", gateway=gateway, now=now
        )

    card = finish()
    remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)
    with pytest.raises(CardNotSavedError):
        finish()
    assert cards() == []


def test_a_refused_card_leaves_a_reference_that_can_be_found(buyer, gateway, now, monkeypatch):
    begin_saving_card(actor=buyer.actor, organization=buyer.organization, gateway=gateway)
    refused = CardSetup(
        id="seti_1",
        client_secret="secret",
        succeeded=False,
        customer_id=PayerAccount.objects.get().provider_customer_id,
        card=None,
        failure=PaymentFailure(code="generic_decline", message="Your card was declined."),
    )
    monkeypatch.setattr(gateway, "get_card_setup", lambda **_asked: refused)
    with pytest.raises(CardNotSavedError) as told:
        finish_saving_card(
            actor=buyer.actor, organization=buyer.organization, setup_id="seti_1", gateway=gateway, now=now
        )

    trace = AuditEntry.objects.get(reference=told.value.reference)
    assert (trace.action, trace.after, trace.organization_id) == (
        "card.refused",
        {"code": "generic_decline"},
        buyer.organization.pk,
    )


# ---- At the same moment ----------------------------------------------------------------------------------------------


def keep_at_once(organization, now, *, expect=()):
    """The same card, saved in several tabs: each has a method of its own at the provider."""
    actor = system("test")
    return at_once(
        [
            lambda place=place: keep_card(
                organization=organization,
                card=replace(VISA_ONE, method_id=f"pm_{organization.slug}_{place}"),
                actor=actor,
                now=now,
            )
            for place in range(AT_ONCE)
        ],
        expect=expect,
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_card_saved_by_all_at_once_is_one_card_and_the_default(new_buyer, now):
    for number in range(ROUNDS):
        organization = new_buyer(f"Buyer {number}").organization
        keep_at_once(organization, now)
        live = SavedCard.objects.filter(organization=organization, removed_at=None)
        assert [(card.fingerprint, card.is_default) for card in live] == [("fp_visa", True)]
        assert SavedCard.objects.filter(organization=organization).count() == AT_ONCE


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_all_but_one_are_refused(new_buyer, monkeypatch, now):
    """The twin: the database still holds one card, and the buyers of the other tabs see an error."""
    organization = new_buyer("Buyer").organization
    without_row_locks(monkeypatch)
    monkeypatch.setattr(SavedCard.objects, "create", meeting(SavedCard.objects.create, of=AT_ONCE))
    outcomes = keep_at_once(organization, now, expect=(IntegrityError,))

    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == AT_ONCE - 1


def test_a_card_is_good_through_its_month():
    card = SavedCard(expires_year=2029, expires_month=8)

    assert not card.is_expired(today=datetime(2029, 8, 31, 23, tzinfo=UTC).date())
    assert card.is_expired(today=datetime(2029, 9, 1, tzinfo=UTC).date())
