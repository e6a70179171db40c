"""What the queue does for orders."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final, TypeVar

from django.db import transaction

from keywright_portal.billing.models import Dispute, DisputeState, Refund, RefundState
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.kit.queue import enqueue
from keywright_portal.orders.errors import RefundError
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services import remind_overdue as reminding
from keywright_portal.orders.services.act_on_event import MONEY_BACK, act_on_event
from keywright_portal.orders.services.expire_payments import LEFT_ALONE_AFTER, expire_payments
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.refund import ask_provider
from keywright_portal.payments.gateway import GatewayError, gateway
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.payments.services.keep_event import keep_event

HANDLE_TASK: Final = "keywright_portal.orders.tasks.handle_event"
ASK_TASK: Final = "keywright_portal.orders.tasks.ask_about"
ASKED_AT_ONCE: Final = 20
"""Payments in one task, at some 100 ms each."""
ASKS_FOR: Final = 9.0
"""Seconds after which a task begins no other question: with the three tries that the last one may take, it stays within
the 40 that the queue gives it.
"""
SETTLES_AFTER: Final = timedelta(seconds=30)
"""A buyer's browser and the webhook are given this long before the reconciler asks on its own."""
QUEUE_GIVES_UP_AFTER: Final = timedelta(minutes=30)
"""The queue's own tries of an event come before that."""
EVENTS_KEPT: Final = timedelta(days=30)
"""By the provider. After that only what our own rows name can be asked for."""

_Row = TypeVar("_Row")


def handle_event(event_id: str) -> None:
    """Act on an event that was kept: ask the provider for what it names. Done is written once it is."""
    event = ProviderEvent.objects.filter(pk=event_id, handled_at=None).first()
    if event is None:
        return
    now = clock.now()
    act_on_event(kind=event.type, object_id=event.object_id, gateway=gateway(), actor=system("webhook"), now=now)
    ProviderEvent.objects.filter(pk=event.pk).update(handled_at=now)


def reconcile() -> int:
    """Ask the provider about every order that isn't final; how many orders that fulfilled.

    Webhooks get lost, and in rare cases none is made: nobody who paid waits for one. An order whose payment the
    provider can't tell about now is asked about again next time. One that was left alone for long is let go of by
    `expire_payments`, so that each comes to an end.
    """
    now = clock.now()
    waiting = (
        PaymentAttempt.objects.exclude(intent_id=None)
        .filter(closed_at=None, created_at__lte=now - SETTLES_AFTER, created_at__gte=now - LEFT_ALONE_AFTER)
        .exclude(order__state__in=(OrderState.FULFILLED, OrderState.ON_HOLD))
        .order_by("-created_at")  # whoever paid just now is waiting
        .values_list("intent_id", flat=True)
    )
    intents = [intent_id for intent_id in waiting if intent_id is not None]
    for first in range(ASKED_AT_ONCE, len(intents), ASKED_AT_ONCE):
        enqueue(ASK_TASK, intents[first : first + ASKED_AT_ONCE])
    return ask_about(intents[:ASKED_AT_ONCE])


def ask_about(intent_ids: list[str]) -> int:
    """Ask the provider about some payments; how many orders that fulfilled."""
    now = clock.now()
    fulfilled = 0

    def ask(intent_id: str) -> None:
        nonlocal fulfilled
        order = fulfil_intent(intent_id=intent_id, gateway=gateway(), actor=system("reconciler"), now=now)
        fulfilled += order is not None and order.state == OrderState.FULFILLED

    _each(intent_ids, ask)
    return fulfilled


def reconcile_money_back() -> int:
    """Ask the provider about each refund and dispute that isn't final, and for events that never came; how many those
    were.

    A refund or a dispute may begin at the provider: nothing of ours names it before its event. Events that the queue
    gave up on are put into it again.
    """
    now = clock.now()
    actor = system("reconciler")
    refunds = Refund.objects.filter(state=RefundState.PENDING, payment__method="card").select_related("payment")
    _each(
        list(refunds.order_by("pk")),
        lambda refund: ask_provider(refund=refund, gateway=gateway(), actor=actor, now=now),
    )
    open_disputes = Dispute.objects.filter(state=DisputeState.OPEN).order_by("pk")
    _each(
        list(open_disputes.values_list("provider_dispute_id", flat=True)),
        lambda dispute_id: record_dispute(told=gateway().get_dispute(dispute_id=dispute_id), actor=actor, now=now),
    )
    missed = 0
    try:
        for event in gateway().events_since(since=now - EVENTS_KEPT, types=MONEY_BACK):
            with transaction.atomic():
                if keep_event(event=event, now=now):
                    enqueue(HANDLE_TASK, event.id)
                    missed += 1
    except GatewayError:
        pass  # asked again next time
    given_up = ProviderEvent.objects.filter(
        handled_at=None, received_at__lt=now - QUEUE_GIVES_UP_AFTER, received_at__gt=now - EVENTS_KEPT
    )
    for event_id in given_up.values_list("pk", flat=True):
        enqueue(HANDLE_TASK, event_id)
    return missed


def expire() -> int:
    """Let go of payments that nobody finished."""
    return expire_payments(gateway=gateway(), actor=system("reconciler"), now=clock.now())


def remind_overdue() -> int:
    """Send the reminders of invoices that are due today."""
    return reminding.remind_overdue(now=clock.now())


def _each(rows: Iterable[_Row], ask: Callable[[_Row], object]) -> None:
    """Ask about each. One of which the provider can't tell, or that breaks us, holds up no other: what broke is raised
    at the end, for the queue to write down. A provider that takes its time is asked about the others next time.
    """
    broken: list[Exception] = []
    until = time.monotonic() + ASKS_FOR
    for row in rows:
        if time.monotonic() > until:
            break
        try:
            ask(row)
        except (GatewayError, RefundError):
            continue  # away, and asked again next time; or refused, which is settled
        except Exception as error:  # noqa: BLE001 (raised below, when all the others were asked about)
            broken.append(error)
    if broken:
        raise ExceptionGroup("The reconciler couldn’t settle everything; it tries again next time.", broken)
