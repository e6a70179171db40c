"""Delivering events to the webhook: signed, retried with growing pauses for three days, several at a time."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stripe_simulator.events import DELIVERED, FAILED, PENDING
from stripe_simulator.present import public
from stripe_simulator.shapes import Json
from stripe_simulator.signing import signature_header

if TYPE_CHECKING:
    import httpx

    from stripe_simulator.simulator import Simulator

PAUSES = (1, 5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600)
"""Seconds before each retry, the last one repeated: short first, since a demo's portal comes back soon."""
SECONDS_OF_RETRIES = 3 * 24 * 3600
"""Then Stripe gives up. Counted on the simulator's clock, so moving the clock brings the retries forward."""
TIMEOUT = 10.0
"""Seconds for the whole answer."""
AT_ONCE = 8
"""Deliveries under way together. Their order is none that a receiver may rely on, as at Stripe."""
LONGEST_SLEEP = 1.0
"""Seconds until the queue is looked at again without being told: the clock may have been moved."""
OUTCOME_LIMIT = 200
"""Characters of an answer that are kept for the page."""


@dataclass(frozen=True)
class Delivery:
    seq: int
    event: Json
    attempts: int
    first_tried: float | None
    lane: int


async def deliver_for_ever(simulator: "Simulator") -> None:
    import httpx  # noqa: PLC0415 - a third of the start-up time, and nothing is delivered before the start

    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        while True:
            simulator.deliveries_wanted.clear()
            due = due_deliveries(simulator)
            if due:
                await asyncio.gather(*(_deliver_in_turn(simulator, client, lane) for lane in in_lanes(due)))
                continue
            try:
                await asyncio.wait_for(simulator.deliveries_wanted.wait(), LONGEST_SLEEP)
            except TimeoutError:
                continue


def in_lanes(due: list[Delivery]) -> list[list[Delivery]]:
    """What goes out side by side, and within it what goes one after the other: deliveries of a lane other than 0,
    which were released in a certain order.
    """
    lanes: dict[tuple[int, int], list[Delivery]] = {}
    for delivery in due:
        lanes.setdefault((delivery.lane, 0 if delivery.lane else delivery.seq), []).append(delivery)
    return list(lanes.values())


async def _deliver_in_turn(simulator: "Simulator", client: "httpx.AsyncClient", lane: list[Delivery]) -> None:
    for delivery in lane:
        await deliver(simulator, client, delivery)


def due_deliveries(simulator: "Simulator") -> list[Delivery]:
    store = simulator.store
    with store.transaction():
        if store.setting("webhook", None) is None:
            return []
        rows = store.database.execute(
            "SELECT seq, event, attempts, first_tried, lane FROM delivery WHERE state = ? AND due <= ? "
            "ORDER BY due, seq LIMIT ?",
            (PENDING, simulator.clock.precise_now(), AT_ONCE),
        ).fetchall()
        due = []
        for row in rows:
            event = store.find("event", row["event"])
            if event is not None:
                due.append(Delivery(row["seq"], event, row["attempts"], row["first_tried"], row["lane"]))
        return due


async def deliver(simulator: "Simulator", client: "httpx.AsyncClient", delivery: Delivery) -> None:
    import httpx  # noqa: PLC0415 - as above

    with simulator.store.transaction():
        webhook = simulator.store.setting("webhook", None)
    if webhook is None:
        return
    event = {**public(delivery.event), "pending_webhooks": 1}
    simulator.record.add("event", event)
    body = json.dumps(event, indent=2).encode()
    # The machine's time, not the simulator's: a signature is about this transport, and receivers check it with theirs.
    header = signature_header(body, secrets=webhook["secrets"], signed_at=int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": header,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    try:
        answer = await client.post(webhook["url"], content=body, headers=headers)
    except httpx.HTTPError as error:
        settle_delivery(simulator, delivery, is_delivered=False, outcome=str(error) or type(error).__name__)
    except httpx.InvalidURL as error:
        settle_delivery(simulator, delivery, is_delivered=False, outcome=f"The webhook's address is wrong: {error}")
    else:
        settle_delivery(simulator, delivery, is_delivered=answer.is_success, outcome=f"HTTP {answer.status_code}")


def settle_delivery(simulator: "Simulator", delivery: Delivery, *, is_delivered: bool, outcome: str) -> None:
    """Done, or due again later, or given up. A state that was reset in the meantime has no such row any more."""
    store, now = simulator.store, simulator.clock.precise_now()
    first_tried = delivery.first_tried or now
    attempts = delivery.attempts + 1
    state = DELIVERED if is_delivered else PENDING
    if not is_delivered and now - first_tried >= SECONDS_OF_RETRIES:
        state = FAILED
    due = now + PAUSES[min(attempts, len(PAUSES)) - 1]
    with store.transaction():
        store.database.execute(
            "UPDATE delivery SET state = ?, due = ?, first_tried = ?, attempts = ?, outcome = ? WHERE seq = ?",
            (state, due, first_tried, attempts, outcome[:OUTCOME_LIMIT], delivery.seq),
        )
        event = store.find("event", delivery.event["id"])
        if is_delivered and event is not None and event["pending_webhooks"]:
            event["pending_webhooks"] = 0
            store.save(event)
