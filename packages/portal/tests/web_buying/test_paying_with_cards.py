"""Which card is charged, as the server sees it; and how often one may be tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.services import take_card_try as counting

pytestmark = pytest.mark.django_db


@pytest.fixture
def saved(site, now):
    """Two cards of the organization; the second one expired in February."""
    return [
        SavedCard.objects.create(
            organization=site.organization,
            provider_method_id=f"pm_{month}",
            brand="visa",
            last4="4242",
            expires_month=month,
            expires_year=2026,
            is_default=month == 3,
            added_at=now,
        )
        for month in (3, 2)
    ]


def test_a_saved_card_is_offered_first_and_an_expired_one_is_not(site, saved):
    page = site.get("payment", order_id=site.choose().pk).content.decode()

    assert f'value="{saved[0].pk}" id="card-{saved[0].pk}" checked' in page
    assert str(saved[1].pk) not in page
    assert 'id="new-card" hidden' in page


def test_without_a_saved_card_there_is_nothing_to_choose(site):
    page = site.get("payment", order_id=site.choose().pk).content.decode()

    assert 'name="card"' not in page
    assert 'id="new-card">' in page


def test_a_saved_card_is_named_to_the_script_and_never_kept_again(site, saved, provider):
    order = site.choose()
    answer = site.start(order, card=str(saved[0].pk), save_card="on").json()

    assert (answer["payment_method"], answer["save_card"]) == ("pm_3", False)
    assert order.attempts.get().save_card is False


def test_another_organizations_card_is_not_charged(site, saved, stranger, provider):
    SavedCard.objects.update(organization=stranger.organization)
    answer = site.start(site.choose(), card=str(saved[0].pk))

    assert answer.status_code == 409
    assert "That card was removed in another window." in answer.json()["note"]
    assert provider.intents == {}


def test_too_many_tries_are_refused_before_the_provider_is_asked(site, provider, monkeypatch):
    monkeypatch.setattr(counting, "PER_ORDER", replace(counting.PER_ORDER, count=2))
    order = site.choose()
    for _ in range(2):
        assert site.start(order).status_code == 200
    asked = len(provider.asked)
    answer = site.start(order)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert "Too many cards were tried" in answer.json()["note"]
    assert order.number in answer.json()["note"]
    assert len(provider.asked) == asked
