"""What the queue does for orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.payments.gateway import GatewayError, gateway
from keywright_portal.payments.models import ProviderEvent

EVENTS_OF_INTENTS: Final = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "payment_intent.processing",
    }
)
SETTLES_AFTER: Final = timedelta(minutes=2)
"""A buyer's browser and the webhook are given this long before the reconciler asks on its own."""
STOPS_ASKING_AFTER: Final = timedelta(days=30)
"""As long as the provider keeps its events."""


def handle_event(event_id: str) -> None:
    """Act on an event that was kept: ask the provider for what it names, and fulfil. Done is written once it is."""
    event = ProviderEvent.objects.filter(pk=event_id, handled_at=None).first()
    if event is None:
        return
    now = clock.now()
    if event.type in EVENTS_OF_INTENTS:
        fulfil_intent(intent_id=event.object_id, gateway=gateway(), actor=system("webhook"), now=now)
    ProviderEvent.objects.filter(pk=event.pk).update(handled_at=now)


def reconcile() -> int:
    """Ask the provider about every payment that was begun and isn't settled; how many orders that fulfilled.

    Webhooks get lost, and in rare cases none is made: nobody who paid waits for one. An order whose payment the
    provider can't tell about now is asked about again next time. One that breaks us holds up no other: what broke is
    raised at the end, for the queue to write down.
    """
    now = clock.now()
    waiting = (
        PaymentAttempt.objects.exclude(intent_id=None)
        .filter(closed_at=None, created_at__lte=now - SETTLES_AFTER, created_at__gte=now - STOPS_ASKING_AFTER)
        .exclude(order__state__in=(OrderState.FULFILLED, OrderState.ON_HOLD))
        .values_list("intent_id", flat=True)
    )
    fulfilled = 0
    broken: list[Exception] = []
    for intent_id in list(waiting):
        if intent_id is None:
            continue
        try:
            order = fulfil_intent(intent_id=intent_id, gateway=gateway(), actor=system("reconciler"), now=now)
        except GatewayError:
            continue
        except Exception as error:  # noqa: BLE001 (raised below, when all the others were asked about)
            broken.append(error)
            continue
        fulfilled += order is not None and order.state == OrderState.FULFILLED
    if broken:
        raise ExceptionGroup("The reconciler couldn’t settle some payments; it tries again next time.", broken)
    return fulfilled
