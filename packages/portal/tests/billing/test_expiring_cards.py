"""Whoever looks after an organization's cards hears of one before it expires, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway_double import VISA
from keywright_portal.accounts.models import Membership, Organization, Role, User
from keywright_portal.billing import tasks
from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.services.keep_card import keep_card
from keywright_portal.billing.services.tell_of_expiring_cards import tell_of_expiring_cards
from keywright_portal.jobs.schedule import JOBS
from keywright_portal.kit.models import OutboxMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(buyer, catalog, now):
    """Good through August 2029."""
    return keep_card(organization=buyer.organization, card=replace(VISA, fingerprint="fp"), actor=buyer.actor, now=now)


def day(month, date, hour=12, year=2029):
    return datetime(year, month, date, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "mails"),
    [
        (day(7, 31, 23), 0),
        (day(8, 1, 0), 1),
        (day(8, 31, 23), 1),
        (day(9, 1, 0), 0),
    ],
    ids=["31 days before", "30 days before", "the last day", "expired"],
)
def test_the_mail_comes_thirty_days_before_the_last_day(card, at, mails):
    assert tell_of_expiring_cards(now=at) == OutboxMail.objects.count() == mails


@pytest.mark.parametrize(
    ("expires", "at", "mails"),
    [
        ((2028, 2), day(1, 30, year=2028), 1),  # its last day is 29 February
        ((2027, 2), day(1, 29, year=2027), 1),
        ((2028, 1), day(12, 31, year=2027), 0),
        ((2028, 1), day(1, 1, year=2028), 1),
    ],
)
def test_short_months_and_the_turn_of_a_year_count_in_days(card, expires, at, mails):
    SavedCard.objects.update(expires_year=expires[0], expires_month=expires[1])

    assert tell_of_expiring_cards(now=at) == mails


def test_once_however_often_it_runs(card):
    assert [tell_of_expiring_cards(now=day(8, date)) for date in (1, 2, 15, 31)] == [1, 0, 0, 0]


def test_whoever_may_change_the_cards_is_told_and_nobody_else(card, buyer, stranger, now):
    for role in (Role.ADMIN, Role.BILLING, Role.MEMBER):
        user = User.objects.create_user(f"{role}@brightwater.example", "correct horse battery", name="Bo Lund")
        Membership.objects.create(user=user, organization=buyer.organization, role=role, created_at=now)
    Organization.objects.filter(pk=buyer.organization.pk).update(billing_email="accounts@brightwater.example")
    tell_of_expiring_cards(now=day(8, 1))

    assert sorted(OutboxMail.objects.values_list("to", flat=True)) == [
        "accounts@brightwater.example",
        "admin@brightwater.example",
        "billing@brightwater.example",
        "owner@brightwater-logistics.example",
    ]


def test_a_billing_address_that_is_a_members_gets_one_mail(card, buyer):
    Organization.objects.filter(pk=buyer.organization.pk).update(billing_email=buyer.user.email.upper())

    assert tell_of_expiring_cards(now=day(8, 1)) == 1


def test_a_removed_card_is_not_told_of(card, now):
    SavedCard.objects.update(removed_at=now)

    assert tell_of_expiring_cards(now=day(8, 1)) == 0


def test_where_no_catalog_was_applied_yet_there_is_nothing_to_tell():
    assert tell_of_expiring_cards(now=day(8, 1)) == 0


def test_what_the_mail_says(card):
    tell_of_expiring_cards(now=day(8, 1))
    mail = OutboxMail.objects.get()

    assert mail.subject == "Visa ending 4242 expires soon"
    assert (
        "Hello Ana, Visa ending 4242, saved for Brightwater Logistics, can be used until 31\xa0August\xa02029. Save the"
        " card that your bank sends you next, so that your next renewal is quick."
    ).replace("\xa0", " ") in mail.text.replace("\xa0", " ")
    assert "/o/brightwater-logistics/payment-methods/" in mail.text
    assert "Nothing is charged, and your licenses run on as they are." in mail.html
    assert mail.reply_to == "billing@example-software.example"


def test_the_job_runs_every_day(card, monkeypatch):
    monkeypatch.setattr(tasks.clock, "now", lambda: day(8, 1))

    assert JOBS["keywright_portal.billing.tasks.look_at_cards"].days == 1
    assert tasks.look_at_cards() == 1
