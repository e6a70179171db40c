from __future__ import annotations

import pytest

from keywright_portal.billing.models import PayerAccount
from keywright_portal.catalog.models import Price
from keywright_portal.kit.errors import InvalidTransitionError, NotFoundError
from keywright_portal.orders.errors import CardNotOfferedError, OrderChangedError, TermsNotAcceptedError
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.payments.gateway import GatewayError, IntentState

pytestmark = pytest.mark.django_db


def test_complete_makes_one_intent_of_the_orders_sum(choose, complete, gateway, now):
    order = choose()
    intent = complete(order)
    order.refresh_from_db()
    assert (intent.amount, intent.order_id) == (order.total, str(order.pk))
    assert (order.state, order.terms_version, order.terms_accepted_at) == (OrderState.PAYING, "2026-01", now)
    assert order.buyer["name"] == "Brightwater Logistics GmbH"
    assert order.purchase_order == "PO-2026-1187"
    assert gateway.asked[-1] == ("create_intent", f"order:{order.pk}:attempt:1")


def test_complete_again_joins_the_same_intent(choose, complete):
    order = choose()
    assert complete(order).id == complete(order).id
    assert PaymentAttempt.objects.count() == 1


def test_an_answer_that_was_lost_is_asked_for_under_the_same_key(choose, complete, gateway):
    order = choose()
    gateway.fail_next = gateway.fail_late = True
    complete_failed = pytest.raises(GatewayError)
    with complete_failed:
        gateway.asked.clear()
        PayerAccount.objects.create(organization=order.organization, provider_customer_id="cus_1")
        complete(order)
    complete(order)
    keys = [key for call, key in gateway.asked if call == "create_intent"]
    assert keys == [f"order:{order.pk}:attempt:1"] * 2
    assert len(gateway.intents) == 1


def test_without_the_terms_nothing_begins(choose, complete, gateway):
    order = choose()
    with pytest.raises(TermsNotAcceptedError) as refused:
        complete(order, accepts_terms=False)
    order.refresh_from_db()
    assert refused.value.field == "accepts_terms"
    assert (order.state, order.terms_version, gateway.asked) == (OrderState.OPEN, "", [])


def test_a_sum_that_the_page_no_longer_shows_is_not_charged(choose, complete, gateway):
    order = choose()
    with pytest.raises(OrderChangedError):
        complete(order, amount_shown=1)
    assert gateway.intents == {}


def test_a_price_that_changed_since_is_not_charged(choose, complete, gateway, now):
    order = choose(plan="E10", seats=1, add_ons=())
    old = Price.objects.get(plan__code="E10", superseded_at=None)
    Price.objects.filter(pk=old.pk).update(superseded_at=now)
    Price.objects.create(plan=old.plan, kind="per_user", currency="USD", amount=4_000, created_at=now)
    with pytest.raises(OrderChangedError):
        complete(order)
    assert gateway.intents == {}


@pytest.mark.parametrize(("seats", "offered"), [(8_169, True), (8_170, False), (2_147_483_647, False)])
def test_above_eight_digits_no_card_is_offered(choose, complete, gateway, seats, offered):
    order = choose(seats=seats)
    if offered:
        assert complete(order).amount.amount == 99_988_560
    else:
        with pytest.raises(CardNotOfferedError):
            complete(order)
        assert gateway.intents == {}


def test_another_organizations_order_is_not_found(choose, complete, stranger, gateway):
    order = choose()
    with pytest.raises(NotFoundError):
        complete(order, by=stranger)
    order.refresh_from_db()
    assert (order.state, gateway.intents) == (OrderState.OPEN, {})


def test_a_discarded_order_cannot_be_paid_and_its_intent_is_cancelled(choose, complete, gateway, buyer, now):
    order = choose()
    intent = complete(order)
    discard_order(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    assert gateway.intents[intent.id].state is IntentState.CANCELED
    with pytest.raises(InvalidTransitionError):
        complete(order)
    order.refresh_from_db()
    assert order.state == OrderState.DISCARDED
    assert choose().pk != order.pk


def test_an_order_changed_while_the_provider_was_asked_leaves_no_intent_to_charge(
    choose, complete, gateway, monkeypatch
):
    order = choose()
    make = gateway.create_intent

    def changed_meanwhile(**asked):
        intent = make(**asked)
        choose(seats=1)
        return intent

    monkeypatch.setattr(gateway, "create_intent", changed_meanwhile)
    with pytest.raises(OrderChangedError):
        complete(order)
    assert [intent.state for intent in gateway.intents.values()] == [IntentState.CANCELED]
