"""Complete: the buyer has given billing details, accepted the Terms, and asks to pay."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.services.ensure_payer import ensure_payer
from keywright_portal.domain.money import Money
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.prepared import PreparedUpdate
from keywright_portal.orders.agreement import agree, check_completion
from keywright_portal.orders.attempts import attempts_of, open_attempt
from keywright_portal.orders.completion import BillingDetails, Completion
from keywright_portal.orders.errors import CardNotOfferedError, OrderChangedError
from keywright_portal.orders.locking import lock_order
from keywright_portal.orders.models import PaymentAttempt, PaymentWay
from keywright_portal.orders.selectors import order_for
from keywright_portal.orders.services.release import release_attempt
from keywright_portal.orders.transitions import OrderEvent, move
from keywright_portal.payments.gateway import LARGEST_CHARGE, IntentState, PaymentGateway, PaymentIntent

__all__ = ["BillingDetails", "Completion", "card_is_offered", "start_payment"]


def card_is_offered(amount: Money) -> bool:
    """Whether the payment provider takes the sum by card."""
    return amount.amount <= LARGEST_CHARGE


def start_payment(
    *, actor: Actor, order_id: uuid.UUID, completion: Completion, gateway: PaymentGateway, now: datetime
) -> PaymentIntent:
    """The intent that the buyer's browser confirms. However often it is asked for one order, it is the same intent.

    The provider is called between two transactions: the first writes the attempt, whose number is in the idempotency
    key; the second writes the intent's id. Dying between them loses nothing: the same key gives the same intent.
    There is a new attempt, after the old one was cancelled, where the buyer changed their mind about keeping the card
    or gave billing details that another tax follows from, and where the provider gave up on an intent that was left
    alone for too long.

    Raises what `orders.agreement.agree` raises (OrderChangedError above all: prices or the order changed since the page
    was shown, and nothing was charged), CardNotOfferedError, InvalidTransitionError, GatewayError.
    """
    actor.require(Permission.ORDER)
    # Before the order: should another window change it and begin to pay, this one is refused and leaves it alone.
    begun = open_attempt(order_id)
    order = order_for(actor=actor, order_id=order_id)
    priced = check_completion(order=order, completion=completion)
    customer_id = ensure_payer(organization=order.organization, gateway=gateway)
    wanted = (completion.save_card, priced.quote.gross.amount)
    if order.is_unfinished and begun is not None and (begun.save_card, begun.amount) != wanted:
        release_attempt(attempt=begun, actor=actor, gateway=gateway, now=now)
    attempt = _join(order_id=order.pk, completion=completion, actor=actor, now=now)
    if attempt.intent_id is not None:
        known = gateway.get_intent(intent_id=attempt.intent_id)
        if known.state is not IntentState.CANCELED:
            return known
        PaymentAttempt.objects.filter(pk=attempt.pk, closed_at=None).update(closed_at=now)
        attempt = _join(order_id=order.pk, completion=completion, actor=actor, now=now)
    intent = gateway.create_intent(
        amount=Money(attempt.amount, attempt.currency),
        customer_id=customer_id,
        order_id=str(order.pk),
        save_card=attempt.save_card,
        idempotency_key=f"order:{order.pk}:attempt:{attempt.number}",
    )
    if not _KEEP_INTENT(intent.id, attempt.pk):
        # The order was changed or discarded while the provider was asked: this intent must never be charged.
        gateway.cancel_intent(intent_id=intent.id)
        raise OrderChangedError(_("This order was changed in another window. Check the total, then complete it here."))
    return intent


_KEEP_INTENT: Final = PreparedUpdate(
    lambda intent_id, attempt_id: (
        PaymentAttempt.objects.filter(pk=attempt_id, closed_at=None),
        {"intent_id": intent_id},
    ),
    str,
    uuid.UUID,
)


def _join(*, order_id: uuid.UUID, completion: Completion, actor: Actor, now: datetime) -> PaymentAttempt:
    try:
        return _begin(order_id=order_id, completion=completion, actor=actor, now=now)
    except IntegrityError:
        # Another click began the same attempt at the same moment; now it is there to be joined.
        return _begin(order_id=order_id, completion=completion, actor=actor, now=now)


@transaction.atomic
def _begin(*, order_id: uuid.UUID, completion: Completion, actor: Actor, now: datetime) -> PaymentAttempt:
    order = lock_order(order_id)
    move(order, OrderEvent.START_PAYMENT)
    agree(order=order, completion=completion, actor=actor, now=now)
    if not card_is_offered(order.total):
        raise CardNotOfferedError(
            _("This total is more than a card payment can carry. Pay it by invoice; our billing team can help.")
        )
    order.payment_way = PaymentWay.CARD
    order.save()
    attempts = attempts_of(order.pk)
    attempt = next((one for one in attempts if one.closed_at is None), None)
    if attempt is not None and (attempt.amount, attempt.currency) != (order.gross, order.currency):
        raise OrderChangedError(_("A payment of another sum is under way for this order. Discard it and begin anew."))
    if attempt is None:
        attempt = PaymentAttempt.objects.create(
            order=order,
            number=len(attempts) + 1,
            amount=order.gross,
            currency=order.currency,
            save_card=completion.save_card,
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="payment.begun",
            subject=order,
            subject_id=order.pk,
            organization_id=order.organization_id,
            now=now,
            after={"attempt": attempt.number, "gross": order.gross, "terms": order.terms_version},
        )
    return attempt
