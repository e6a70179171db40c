"""Making events: a snapshot of the object as it is now, kept 30 days, and a delivery if a webhook wants it."""

from stripe_simulator.call import Call
from stripe_simulator.ids import new_id
from stripe_simulator.present import present
from stripe_simulator.shapes import API_VERSION, Json

DAYS_KEPT = 30
SECONDS_KEPT = DAYS_KEPT * 24 * 3600
"""Stripe lists an event for this long."""

PENDING, HELD, DELIVERED, FAILED, DROPPED = "pending", "held", "delivered", "failed", "dropped"
"""A delivery's states. Held ones wait for the control plane; dropped ones were lost on purpose."""


def emit(call: Call, kind: str, thing: Json, *, previous: Json | None = None) -> None:
    """Records that something happened to `thing`. `previous` holds the former values of what an update changed."""
    fault = take_event_fault(call, kind)
    how = fault["how"] if fault else None
    if how == "never_made":
        return
    data: Json = {"object": present(call.store, thing)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = call.store.add(
        {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": call.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
            "type": kind,
        }
    )
    webhook = call.store.setting("webhook", None)
    if webhook is None or not ({"*", kind} & set(webhook["enabled_events"])):
        return
    event["pending_webhooks"] = 1
    call.store.save(event)
    state = {"drop": DROPPED, "hold": HELD}.get(how or "", PENDING)
    delay = fault["seconds"] if fault and how == "delay" else 0
    for _ in range(2 if how == "duplicate" else 1):
        queue_delivery(call, event, state=state, due=call.now + delay)


def queue_delivery(call: Call, event: Json, *, state: str, due: float) -> None:
    call.store.database.execute(
        "INSERT INTO delivery (event, type, state, due) VALUES (?, ?, ?, ?)", (event["id"], event["type"], state, due)
    )


def take_event_fault(call: Call, kind: str) -> Json | None:
    """The first fault that was ordered for events of this type, with one of its times used up."""
    faults: list[Json] = call.store.setting("event_faults", [])
    for place, fault in enumerate(faults):
        if fault["type"] in ("*", kind):
            fault["times"] -= 1
            if fault["times"] <= 0:
                del faults[place]
            call.store.set_setting("event_faults", faults)
            return fault
    return None


def changed(before: Json, after: Json) -> Json:
    """The former values of the fields that differ, as an update's event carries them."""
    return {key: before.get(key) for key in after if not key.startswith("_") and before.get(key) != after[key]}
