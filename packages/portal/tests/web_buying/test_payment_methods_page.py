"""Saved cards."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from storefront import words

from gateway_double import VISA
from keywright_portal.accounts.models import Role
from keywright_portal.billing.models import PayerAccount, SavedCard
from keywright_portal.billing.services import take_card_try as counting
from keywright_portal.kit.models import AuditEntry
from keywright_portal.payments.gateway import CardSetup, PaymentFailure

pytestmark = pytest.mark.django_db


@pytest.fixture
def saved(site, now):
    return SavedCard.objects.create(
        organization=site.organization,
        provider_method_id="pm_1",
        brand="amex",
        last4="0005",
        expires_month=8,
        expires_year=2029,
        added_at=now,
    )


def test_no_card_says_what_to_do(site):
    page = site.get("payment-methods")

    assert "No saved card" in words(page)
    assert f'href="{site.url("payment-method-add")}">Add a card' in page.content.decode()


def test_a_card_is_shown_as_its_owner_knows_it(site, saved):
    page = words(site.get("payment-methods")).replace("\xa0", " ")

    assert "American Express ending 0005 Expires 08/2029. Saved 12 Mar 2026 Make default Remove…" in page
    assert "Expired" not in page


def test_a_card_is_good_through_its_month(site, saved, at_noon):
    at_noon(datetime(2029, 8, 31, 23, tzinfo=UTC))
    assert "Expired" not in words(site.get("payment-methods"))
    at_noon(datetime(2029, 9, 1, tzinfo=UTC))
    assert "Expired" in words(site.get("payment-methods"))


def test_saving_a_card_asks_the_provider_whether_it_was_saved(site, provider):
    begun = site.post("payment-method-start").json()
    assert begun == {"client_secret": "secret", "return_url": f"http://testserver{site.url('payment-method-return')}"}

    provider.setup_succeeded = True
    answer = site.post("payment-method-return", {"setup_intent": "seti_1"})

    assert answer.json() == {"go": site.url("payment-methods")}
    assert SavedCard.objects.get().last4 == VISA.last4
    assert "Visa ending 4242 is saved." in words(site.get("payment-methods"))


def test_coming_back_from_the_bank_saves_it_too_and_twice_is_once(site, provider):
    site.post("payment-method-start")
    provider.setup_succeeded = True
    for _ in range(2):
        answer = site.get("payment-method-return", query={"setup_intent": "seti_1"})
        assert answer.url == site.url("payment-methods")
    assert SavedCard.objects.count() == 1


def test_a_card_that_the_bank_declined_is_said_and_not_kept(site, provider, monkeypatch):
    site.post("payment-method-start")
    declined = CardSetup(
        id="seti_1",
        client_secret="secret",
        succeeded=False,
        customer_id=PayerAccount.objects.get().provider_customer_id,
        card=None,
        failure=PaymentFailure(code="generic_decline", message="Your card was declined."),
    )
    monkeypatch.setattr(provider, "get_card_setup", lambda **_asked: declined)

    told = site.post("payment-method-return", {"setup_intent": "seti_1"}).json()
    page = site.get("payment-method-return", query={"setup_intent": "seti_1"})

    assert told["beside_card"] == "Declined by your bank. Use another card."
    assert "The card isn’t saved, and nothing was charged." in told["note"]
    assert "Your bank declined this card The card isn’t saved" in words(page)
    references = [re.search(r"PAY-\w{4}-\w{4}", text)[0] for text in (told["note"], words(page))]
    assert AuditEntry.objects.filter(action="card.refused", reference__in=references).count() == 2
    assert SavedCard.objects.count() == 0


def test_another_organizations_setup_is_not_found(site, provider):
    site.post("payment-method-start")
    provider.setup_succeeded, provider.setup_customer = True, "cus_of_somebody"

    assert site.post("payment-method-return", {"setup_intent": "seti_1"}).status_code == 404
    assert SavedCard.objects.count() == 0


def test_a_provider_that_does_not_answer_saves_nothing(site, provider):
    PayerAccount.objects.create(organization=site.organization, provider_customer_id="cus_1")
    provider.fail_next = True

    assert "The payment service didn’t answer" in site.post("payment-method-start").json()["note"]


def test_removing_asks_then_makes_the_provider_forget(site, saved, provider):
    assert "Stripe forgets American Express ending 0005." in words(site.get("payment-method-remove", card_id=saved.pk))
    assert provider.detached == []

    site.post("payment-method-remove", card_id=saved.pk)

    assert provider.detached == ["pm_1"]
    page = words(site.get("payment-methods"))
    assert "American Express ending 0005 is removed." in page
    assert "No saved card" in page
    assert site.post("payment-method-remove", card_id=saved.pk).status_code == 404


def test_a_card_that_the_provider_cannot_forget_now_stays(site, saved, provider):
    provider.fail_next = True
    site.post("payment-method-remove", card_id=saved.pk)

    page = words(site.get("payment-methods"))
    assert "The card is still saved; try again in a minute." in page
    assert "American Express ending 0005" in page


def test_another_organizations_card_is_not_found(site, saved, stranger, provider):
    SavedCard.objects.update(organization=stranger.organization)

    assert site.get("payment-method-remove", card_id=saved.pk).status_code == 404
    assert site.post("payment-method-remove", card_id=saved.pk).status_code == 404
    assert provider.detached == []


def test_one_of_several_cards_is_made_the_default(site, saved, now):
    other = SavedCard.objects.create(
        organization=site.organization,
        provider_method_id="pm_2",
        brand="visa",
        last4="4242",
        expires_month=8,
        expires_year=2029,
        added_at=now,
        is_default=True,
    )
    site.post("payment-method-default", card_id=saved.pk)

    page = words(site.get("payment-methods")).replace("\xa0", " ")
    assert "American Express ending 0005 is your default card." in page
    assert "American Express ending 0005 Expires 08/2029. Saved 12 Mar 2026 Default Remove…" in page
    assert "Visa ending 4242 Expires 08/2029. Saved 12 Mar 2026 Make default Remove…" in page
    other.refresh_from_db()
    assert not other.is_default


def test_the_last_card_before_a_renewal_is_removed_with_a_word(bought, site, saved, provider):
    warning = "It is your last good card, and you have a subscription to renew."
    assert warning not in words(site.get("payment-methods"))
    bought()

    assert warning in words(site.get("payment-methods"))
    assert warning in words(site.get("payment-method-remove", card_id=saved.pk))
    # A page from before the purchase didn't say it: now it is said, and nothing happens yet.
    assert warning in words(site.post("payment-method-remove", card_id=saved.pk))
    assert provider.detached == []

    site.post("payment-method-remove", {"knows_renewals": "yes"}, card_id=saved.pk)
    assert provider.detached == ["pm_1"]


def test_too_many_tries_say_when_to_go_on(site, provider, monkeypatch):
    monkeypatch.setattr(counting, "PER_ACCOUNT", replace(counting.PER_ACCOUNT, count=2))
    for _ in range(2):
        assert site.post("payment-method-start").json()["client_secret"] == "secret"
    asked = len(provider.asked)
    answer = site.post("payment-method-start")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert "Too many cards were tried" in answer.json()["note"]
    assert "Go on in 30 minutes" in answer.json()["note"]
    assert len(provider.asked) == asked


def test_who_may_not_change_billing_changes_nothing(saved, site_of, provider):
    member = site_of(Role.MEMBER)

    assert member.get("payment-methods").status_code == 403
    assert member.get("payment-method-add").status_code == 403
    assert member.post("payment-method-start").status_code == 403
    assert member.post("payment-method-default", card_id=saved.pk).status_code == 403
    assert member.post("payment-method-remove", card_id=saved.pk).status_code == 403
    assert provider.detached == []
    assert [(card.removed_at, card.is_default) for card in SavedCard.objects.all()] == [(None, False)]
