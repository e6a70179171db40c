from __future__ import annotations

import pytest

from keywright_portal.catalog.errors import AddOnNotOfferedError, NoLongerSoldError
from keywright_portal.catalog.models import Plan
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.errors import OrderChangedError, SeatsError
from keywright_portal.orders.models import Order, OrderState, PaymentAttempt
from keywright_portal.orders.quoting import parse_seats
from keywright_portal.payments.gateway import IntentState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "seats"),
    [
        ("1", 1),
        (" 200 ", 200),
        ("2147483647", 2_147_483_647),
        ("2,147,483,647", 2_147_483_647),
        ("1 000", 1000),
        ("007", 7),
    ],
)
def test_a_number_of_users_is_read_as_people_type_it(typed, seats):
    assert parse_seats(typed) == seats


@pytest.mark.parametrize(
    "typed",
    ["0", "-1", "1.5", "1,5", "1000000000000", "2147483648", "ten", "", " ", "1e3", "٣", "1,00", "9" * 5000, "+5"],
)
def test_anything_else_is_refused_with_what_is_allowed(typed):
    with pytest.raises(SeatsError) as refused:
        parse_seats(typed)
    assert (refused.value.code, refused.value.field) == ("seats_out_of_range", "seats")
    assert str(refused.value.message) == "Enter a whole number of users from 1 to 2,147,483,647."


def test_an_order_holds_the_choice_at_the_servers_prices(choose):
    order = choose()
    assert (order.state, order.seats, order.currency) == (OrderState.OPEN, 200, "USD")
    assert (order.net, order.tax, order.gross, order.price_per_user) == (2_448_000, 0, 2_448_000, 12_240)
    assert [(line.code, line.quantity, line.unit_amount, line.amount) for line in order.lines.all()] == [
        ("E20", 200, 10_200, 2_040_000),
        ("premier-support", 200, 2_040, 408_000),
    ]
    assert [add_on.code for add_on in order.add_ons.all()] == ["premier-support"]


def test_the_largest_purchase_has_a_right_total_to_the_cent(choose):
    assert choose(seats=2_147_483_647).gross == 26_285_199_839_280


def test_the_same_choice_again_is_the_same_order_and_changes_nothing(choose):
    first = choose()
    entries = AuditEntry.objects.count()
    assert choose().pk == first.pk
    assert (Order.objects.count(), AuditEntry.objects.count()) == (1, entries)


def test_another_choice_changes_the_one_unfinished_order(choose):
    first = choose()
    second = choose(plan="E10", seats=5, add_ons=())
    assert second.pk == first.pk
    assert (second.gross, second.lines.count(), second.add_ons.count()) == (19_500, 1, 0)


def test_changing_an_order_cancels_the_payment_that_was_begun_for_it(choose, complete, gateway):
    order = choose()
    intent = complete(order)
    changed = choose(seats=100)
    assert gateway.intents[intent.id].state is IntentState.CANCELED
    assert changed.state == OrderState.OPEN
    assert PaymentAttempt.objects.get(intent_id=intent.id).closed_at is not None


def test_an_order_that_turns_out_to_be_paid_is_fulfilled_and_not_changed(choose, complete, gateway, signing_keys):
    order = choose()
    gateway.pay(complete(order).id)
    with pytest.raises(OrderChangedError):
        choose(seats=100)
    order.refresh_from_db()
    assert (order.state, order.seats) == (OrderState.FULFILLED, 200)


def test_an_order_in_the_banks_hands_is_not_changed(choose, complete, gateway):
    order = choose()
    intent = complete(order)
    gateway.move(intent.id, IntentState.PROCESSING)
    with pytest.raises(OrderChangedError):
        choose(seats=100)
    order.refresh_from_db()
    assert (order.state, order.seats) == (OrderState.PAYING, 200)


def test_premier_support_goes_with_e20_alone(choose):
    with pytest.raises(AddOnNotOfferedError):
        choose(plan="E10")
    assert Order.objects.count() == 0


def test_an_unknown_plan_is_not_found(choose):
    with pytest.raises(NotFoundError):
        choose(plan="E30", add_ons=())
    assert Order.objects.count() == 0


def test_a_withdrawn_plan_says_that_it_is_no_longer_sold(choose, now):
    Plan.objects.filter(code="E10").update(withdrawn_at=now)
    with pytest.raises(NoLongerSoldError) as refused:
        choose(plan="E10", add_ons=())
    assert "no longer sold" in str(refused.value.message)
    assert Order.objects.count() == 0


def test_a_member_without_the_permission_changes_nothing(choose, buyer):
    reader = Actor(
        user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset({Permission.READ})
    )
    with pytest.raises(PermissionDeniedError):
        choose(by=type(buyer)(buyer.organization, buyer.user, reader))
    assert (Order.objects.count(), AuditEntry.objects.filter(action="order.begun").count()) == (0, 0)


def test_two_organizations_have_an_order_each(choose, buyer, stranger):
    assert choose().pk != choose(by=stranger).pk
    assert Order.objects.count() == 2
