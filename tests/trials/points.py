"""The points of a purchase and its fulfilment at which a process dies: what is called there, and what leads there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trials.installation import PORTAL, WORKER

P: Final = "keywright_portal."
GATEWAY: Final = f"{P}payments.stripe_gateway:StripeGateway"


class Way(StrEnum):
    """What the buyer, or the provider, does that leads to the point."""

    CHOOSE = "choose"
    COMPLETE = "complete"
    WEBHOOK = "webhook"
    RETURN = "return"
    RECONCILE = "reconcile"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A process dies before or after a call."""

    call: str
    when: str
    way: Way
    process: str

    @property
    def name(self) -> str:
        return f"{self.process}, {self.way}: {self.when} {self.call.rpartition(':')[2].removeprefix('StripeGateway.')}"


def points(way: Way, process: str, *calls: str) -> list[Point]:
    """`-call` is before it, `+call` after it, `±call` both."""
    signs = {"-": ("before",), "+": ("after",), "±": ("before", "after")}
    return [Point(call=call[1:], when=when, way=way, process=process) for call in calls for when in signs[call[0]]]


FULFIL: Final = f"{P}orders.services.fulfil"
OPEN: Final = f"{P}subscriptions.services.open_subscription:open_subscription"
INVOICE: Final = f"{P}billing.services.issue_invoice:issue_invoice"
LICENSE: Final = f"{P}licensing.services.issue:issue_license"
POINTS: Final = [
    *points(Way.CHOOSE, PORTAL, f"±{P}orders.services.choose:_write"),
    *points(
        *(Way.COMPLETE, PORTAL),
        f"±{GATEWAY}.create_customer",
        f"±{P}orders.services.start_payment:_begin",
        f"±{GATEWAY}.create_intent",
        f"+{P}orders.services.start_payment:start_payment",
    ),
    *points(
        *(Way.WEBHOOK, PORTAL),
        f"±{GATEWAY}.read_event",
        f"±{P}payments.services.keep_event:keep_event",
        f"+{P}kit.queue:enqueue",
        f"+{P}api.webhook:stripe_webhook",
    ),
    *points(
        *(Way.RETURN, PORTAL),
        f"+{GATEWAY}.get_intent",
        f"-{OPEN}",
        f"+{FULFIL}:_complete",
        f"+{FULFIL}:fulfil",
    ),
    *points(
        *(Way.WEBHOOK, WORKER),
        f"±{P}orders.tasks:handle_event",
        f"±{GATEWAY}.get_intent",
        f"±{OPEN}",
        f"±{INVOICE}",
        f"±{LICENSE}",
        f"+{P}billing.services.keep_card:keep_card",
        f"±{P}orders.services.announce:license_ready",
        f"+{FULFIL}:_complete",
        f"+{FULFIL}:fulfil",
        f"±{P}kit.tasks:send_mail",
        f"±{P}web.mailbox:MailboxBackend.send_messages",
    ),
    *points(
        *(Way.RECONCILE, WORKER),
        f"±{P}orders.tasks:reconcile",
        f"+{FULFIL}:_complete",
        f"+{FULFIL}:fulfil",
    ),
]


def named(*names: str) -> list[Point]:
    """Some of them, by name."""
    return [next(point for point in POINTS if point.name == name) for name in names]
