"""A payment that didn't go through: find out what the provider says, keep it, and give it a reference."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import transaction

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.ids import reference
from keywright_portal.orders.attempts import attempts_of
from keywright_portal.orders.models import Order, OrderState, PaymentProblem
from keywright_portal.orders.selectors import order_for
from keywright_portal.orders.services.fulfil import fulfil
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import GatewayError, IntentState, PaymentFailure, PaymentGateway, PaymentIntent

NOT_CONFIRMED: Final = PaymentFailure(code="not_confirmed", message="")
"""The intent waits for a card: the browser never got to confirm it, or the buyer closed the bank's window."""
UNREACHABLE: Final = "payment_provider_unavailable"


def record_problem(
    *, actor: Actor, order_id: uuid.UUID, gateway: PaymentGateway, now: datetime
) -> PaymentProblem | None:
    """What went wrong with the order's payment, as the provider tells it: never as the browser does.

    None where nothing is wrong: the payment was made (the order is then fulfilled) or is still in the bank's hands.
    """
    actor.require(Permission.ORDER)
    order = order_for(actor=actor, order_id=order_id)
    intents = [attempt.intent_id for attempt in attempts_of(order.pk) if attempt.intent_id is not None]
    if not intents:
        return _keep(order=order, failure=NOT_CONFIRMED, actor=actor, now=now)
    try:
        intent = gateway.get_intent(intent_id=intents[-1])
    except GatewayError as error:
        failure = PaymentFailure(code=UNREACHABLE, message=error.provider_message)
        return _keep(order=order, failure=failure, actor=actor, now=now, reopen=False)
    if intent.state is IntentState.SUCCEEDED:
        fulfil(intent=intent, actor=actor, now=now)
        return None
    if intent.state is IntentState.PROCESSING:
        return None
    return _keep(order=order, failure=_failure(intent), actor=actor, now=now)


def keep_refusal(*, actor: Actor, order_id: uuid.UUID, error: GatewayError, now: datetime) -> PaymentProblem:
    """The provider refused or didn't answer before there was an intent."""
    order = order_for(actor=actor, order_id=order_id)
    failure = PaymentFailure(code=UNREACHABLE, message=error.provider_message)
    return _keep(order=order, failure=failure, actor=actor, now=now)


def _failure(intent: PaymentIntent) -> PaymentFailure:
    if intent.state is IntentState.REQUIRES_ACTION:
        return PaymentFailure(code="challenge_unfinished", message="")
    return intent.failure or NOT_CONFIRMED


@transaction.atomic
def _keep(*, order: Order, failure: PaymentFailure, actor: Actor, now: datetime, reopen: bool = True) -> PaymentProblem:
    order = Order.objects.select_for_update().order_by("pk").get(pk=order.pk)
    problem = PaymentProblem.objects.create(
        reference=reference("PAY"),
        order=order,
        code=failure.code[:60],
        provider_message=failure.message[:300],
        occurred_at=now,
    )
    before = order.state
    if reopen and order.state == OrderState.PAYING:
        move(order, OrderEvent.PAYMENT_FAILED)
        order.updated_at = now
        order.save(update_fields=["state", "updated_at"])
    audit.record(
        actor=actor,
        action="payment.failed",
        subject=order,
        subject_id=order.pk,
        organization_id=order.organization_id,
        now=now,
        before={"state": before},
        after={"state": order.state, "code": problem.code},
        reference=problem.reference,
    )
    return problem
