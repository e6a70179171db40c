"""Choosing a subscription, as the server sees it."""

from __future__ import annotations

import pytest
from storefront import CHOICE, Site, words

from keywright_portal.accounts.models import Role
from keywright_portal.catalog.models import AddOn, Plan
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.payments.gateway import IntentState

pytestmark = pytest.mark.django_db
RANGE = "Enter a whole number of users from 1 to 2,147,483,647."


def test_the_page_offers_what_is_sold_at_todays_prices(site):
    page = words(site.get("buy"))

    assert "E10 $39.00 per user, per year" in page
    assert "E20 $102.00 per user, per year" in page
    assert "Premier Support $20.40 per user, per year" in page
    assert "1 user × $39.00" in page
    assert "12 Mar 2026 – 11 Mar 2027" in page.replace("\xa0", " ")


def test_an_add_on_shows_only_beside_a_plan_that_offers_it(site):
    assert 'data-add-ons-of="E20" hidden disabled' in site.get("buy").content.decode()
    site.choose()
    page = site.get("buy").content.decode()
    assert 'data-add-ons-of="E20">' in page
    assert 'data-add-ons-of="E10"' not in page


def test_next_step_makes_one_order_and_goes_to_payment(site):
    answer = site.post("buy", CHOICE)

    order = Order.objects.get()
    assert answer.url == site.url("payment", order_id=order.pk)
    assert (order.plan.code, order.seats, order.gross, order.currency) == ("E20", 200, 2_448_000, "USD")
    assert [line.code for line in order.lines.all()] == ["E20", "premier-support"]


def test_what_a_browser_says_of_money_and_of_organizations_has_no_effect(site, stranger):
    site.post(
        "buy",
        {
            **CHOICE,
            "price": "1",
            "price_per_user": "1",
            "total": "1",
            "gross": "1",
            "currency": "JPY",
            "organization": str(stranger.organization.pk),
            "number": "ORD-MINE-MINE",
        },
    )

    order = Order.objects.get()
    assert (order.gross, order.currency, order.organization_id) == (2_448_000, "USD", site.organization.pk)
    assert order.number != "ORD-MINE-MINE"


@pytest.mark.parametrize(
    "seats", ["0", "-1", "1.5", "1,5", "10**12", "1000000000000", "two hundred", "", "2147483648", "١٢"]
)
def test_a_number_of_users_that_is_none_gets_the_fields_sentence_and_no_order(site, seats):
    answer = site.post("buy", {**CHOICE, "seats": seats})

    assert answer.status_code == 200
    assert RANGE in words(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "Total for 12 months" not in words(answer)
    assert Order.objects.count() == 0


def test_the_largest_number_of_users_is_an_order(site):
    order = site.choose(seats="2,147,483,647")

    assert (order.seats, order.gross) == (2_147_483_647, 26_285_199_839_280)


def test_a_plan_that_was_withdrawn_gets_a_sentence_and_no_order(site, now):
    Plan.objects.filter(code="E20").update(withdrawn_at=now)
    answer = site.post("buy", CHOICE)

    assert "Enterprise Edition E20 is no longer sold. Choose another subscription type." in words(answer)
    assert Order.objects.count() == 0


def test_an_unfinished_order_of_a_plan_that_was_withdrawn_says_so_at_once(site, now):
    site.choose()
    Plan.objects.filter(code="E20").update(withdrawn_at=now)

    assert "Enterprise Edition E20 is no longer sold. Choose another subscription type." in words(site.get("buy"))


def test_an_add_on_that_was_withdrawn_gets_a_sentence_and_no_order(site, now):
    AddOn.objects.filter(code="premier-support").update(withdrawn_at=now)

    assert "Premier Support is no longer sold. Leave it out to go on." in words(site.post("buy", CHOICE))
    assert Order.objects.count() == 0


@pytest.mark.parametrize("choice", [{"plan": "E99"}, {"add_ons": ["no-such-thing"]}, {"plan": ""}, {"plan": "E10"}])
def test_what_nobody_sells_gets_a_sentence_and_no_order(site, choice):
    answer = site.post("buy", {**CHOICE, **choice})

    assert answer.status_code == 200
    assert Order.objects.count() == 0
    assert "form-hint is-bad" in answer.content.decode()


def test_without_a_script_update_shows_the_total_and_makes_no_order(site):
    answer = site.post("buy", {**CHOICE, "update": "1"})

    assert "Total for 12 months $24,480.00" in words(answer)
    assert Order.objects.count() == 0


def test_the_summary_follows_a_choice_and_keeps_nothing(site):
    answer = site.get("buy-summary", query={"plan": "E20", "seats": "3", "add_ons": "premier-support"})

    assert "Enterprise Edition E20 $306.00 3 users × $102.00" in words(answer)
    assert "Premier Support $61.20 3 users × $20.40" in words(answer)
    assert "Total for 12 months $367.20" in words(answer)
    assert (Order.objects.count(), AuditEntry.objects.filter(action__startswith="order").count()) == (0, 0)


def test_the_summary_of_a_wrong_number_has_the_sentence_and_no_total(site):
    page = words(site.get("buy-summary", query={"plan": "E20", "seats": "1.5"}))

    assert RANGE in page
    assert "$" not in page


def test_the_summary_says_when_a_card_cannot_carry_it(site):
    assert "more than a card payment" in words(site.get("buy-summary", query={"plan": "E20", "seats": "9804"}))
    assert "more than a card payment" not in words(site.get("buy-summary", query={"plan": "E20", "seats": "9803"}))


def test_the_page_begins_with_the_unfinished_order(site):
    order = site.choose()
    page = site.get("buy")

    assert f"Order {order.number}: Enterprise Edition E20 for 200 users, $24,480.00." in words(page)
    assert f'href="{site.url("payment", order_id=order.pk)}">Resume' in page.content.decode()
    assert 'value="200"' in page.content.decode()


def test_another_choice_changes_the_one_order(site):
    first = site.choose()
    second = site.choose(plan="E10", seats="50", add_ons=[])

    assert (second.pk, second.gross, Order.objects.count()) == (first.pk, 195_000, 1)


def test_discarding_asks_then_discards_and_lets_the_payment_go(site, provider):
    order = site.choose()
    site.start(order)
    assert order.number in words(site.get("buy-discard"))
    assert Order.objects.get().state == OrderState.PAYING

    answer = site.post("buy-discard", {"order": str(order.pk)})

    assert answer.url == site.url("buy")
    assert Order.objects.get().state == OrderState.DISCARDED
    assert [intent.state for intent in provider.intents.values()] == [IntentState.CANCELED]
    assert "The order is discarded. Nothing was charged." in words(site.get("buy"))


def test_a_page_left_open_discards_no_newer_order(site):
    old = site.choose()
    site.post("buy-discard", {"order": str(old.pk)})
    new = site.choose(seats="7")
    site.post("buy-discard", {"order": str(old.pk)})

    new.refresh_from_db()
    assert new.state == OrderState.OPEN


def test_a_paid_order_is_not_discarded_but_fulfilled(site, provider):
    order = site.choose()
    site.start(order)
    provider.pay(order.attempts.get().intent_id)
    site.post("buy-discard", {"order": str(order.pk)})

    order.refresh_from_db()
    assert order.state == OrderState.FULFILLED
    assert "was paid a moment ago" in words(site.get("buy"))


def test_a_member_may_neither_see_nor_make_an_order(site_of):
    member = site_of(Role.MEMBER)

    assert member.get("buy").status_code == 403
    assert member.get("buy-summary", query={"plan": "E20", "seats": "1"}).status_code == 403
    assert member.post("buy", CHOICE).status_code == 403
    assert Order.objects.count() == 0


def test_a_strangers_pages_are_not_found(site, stranger):
    elsewhere = Site(site.client, stranger.organization)

    assert elsewhere.get("buy").status_code == 404
    assert elsewhere.post("buy", CHOICE).status_code == 404
    assert Order.objects.count() == 0
