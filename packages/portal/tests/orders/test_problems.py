from __future__ import annotations

import pytest

from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License
from keywright_portal.orders.models import OrderState, PaymentProblem
from keywright_portal.orders.services.record_problem import keep_refusal, record_problem
from keywright_portal.payments.gateway import GatewayError, IntentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(buyer, gateway, now):
    return lambda order: record_problem(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)


def test_a_decline_keeps_what_the_provider_says_and_opens_the_order_again(choose, complete, gateway, record):
    order = choose()
    gateway.decline(complete(order).id, "insufficient_funds")
    problem = record(order)
    order.refresh_from_db()
    assert (problem.code, order.state) == ("insufficient_funds", OrderState.OPEN)
    assert AuditEntry.objects.get(action="payment.failed").reference == problem.reference


def test_the_next_try_is_on_the_same_intent(choose, complete, gateway, record):
    order = choose()
    first = complete(order)
    gateway.decline(first.id)
    record(order)
    assert complete(order).id == first.id


def test_a_challenge_that_was_closed_is_told_apart(choose, complete, gateway, record):
    order = choose()
    gateway.move(complete(order).id, IntentState.REQUIRES_ACTION)
    assert record(order).code == "challenge_unfinished"


def test_a_payment_that_was_made_after_all_is_no_problem(choose, complete, gateway, record, signing_keys):
    order = choose()
    gateway.pay(complete(order).id)
    assert record(order) is None
    order.refresh_from_db()
    assert (order.state, License.objects.count(), PaymentProblem.objects.count()) == (OrderState.FULFILLED, 1, 0)


def test_a_payment_in_the_banks_hands_is_no_problem(choose, complete, gateway, record):
    order = choose()
    gateway.move(complete(order).id, IntentState.PROCESSING)
    assert record(order) is None


def test_a_provider_that_does_not_answer_leaves_the_order_as_it_is(choose, complete, gateway, record):
    order = choose()
    complete(order)
    gateway.fail_next = True
    assert record(order).code == "payment_provider_unavailable"
    order.refresh_from_db()
    assert order.state == OrderState.PAYING


def test_an_order_without_an_intent_was_never_confirmed(choose, record):
    assert record(choose()).code == "not_confirmed"


def test_a_refusal_before_there_is_an_intent_has_a_reference_too(choose, buyer, now):
    order = choose()
    problem = keep_refusal(actor=buyer.actor, order_id=order.pk, error=GatewayError("no answer"), now=now)
    assert problem.reference.startswith("PAY-")
    assert problem.provider_message == "no answer"
