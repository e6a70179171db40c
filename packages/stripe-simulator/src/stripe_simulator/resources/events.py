"""Events, as the API lists them: for 30 days, with the number of webhooks still to be told."""

from stripe_simulator.call import Call
from stripe_simulator.errors import resource_missing
from stripe_simulator.events import SECONDS_KEPT
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, array, boolean, text
from stripe_simulator.shapes import Json

RETRIEVE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "type": text, "types": array(text), "delivery_success": boolean}


def retrieve_event(call: Call) -> Json:
    event = call.named("event")
    if event["created"] < call.now - SECONDS_KEPT:
        raise resource_missing("event", event["id"], param="event")
    return event


def list_events(call: Call) -> Json:
    types = call.params.get("types") or ([call.params["type"]] if call.params.get("type") else None)
    success = call.params.get("delivery_success")
    where = {
        "created >=": call.now - SECONDS_KEPT,
        "type like": types and [kind.replace("*", "%") for kind in types],
        "pending_webhooks =" if success else "pending_webhooks >": None if success is None else 0,
    }
    return list_of(call, "event", url="/v1/events", where=where)
