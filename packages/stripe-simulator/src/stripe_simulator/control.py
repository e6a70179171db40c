"""The control plane, `/_simulator/…`: for tests and demos on this machine, in JSON. Stripe has nothing like it."""

import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_simulator.cards import GENERIC
from stripe_simulator.errors import StripeError
from stripe_simulator.events import HELD, PENDING, queue_delivery
from stripe_simulator.faults import Fault, add_fault
from stripe_simulator.payments import settle_payment
from stripe_simulator.present import present
from stripe_simulator.resources.disputes import open_dispute, refuse_closed, settle_dispute
from stripe_simulator.resources.payouts import fail_payout, settle_balance
from stripe_simulator.resources.refunds import settle_refund
from stripe_simulator.shapes import API_VERSION, Json
from stripe_simulator.simulator import Simulator, set_webhook

Action = Callable[[Simulator, Request, Json], Json]
EVENT_FAULTS = ("never_made", "drop", "duplicate", "hold", "delay")
DELIVERIES_LISTED = 500


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    """Checks that the caller is on this machine and isn't a foreign page in its browser, then acts in a transaction."""

    async def endpoint(request: Request) -> Response:
        host = request.client.host if request.client else ""
        if not _is_loopback(host):
            return JSONResponse({"error": "The control plane answers this machine alone."}, status_code=403)
        origin = request.headers.get("origin")
        if not _is_own_page(request, origin):
            return JSONResponse({"error": "The control plane doesn't answer other pages."}, status_code=403)
        simulator: Simulator = request.app.state.simulator
        is_form = "application/json" not in request.headers.get("content-type", "")
        try:
            body = await request.body()
            given = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else json.loads(body or b"{}")
            with simulator.store.transaction():
                answer = action(simulator, request, given)
        except StripeError as error:
            return JSONResponse({"error": error.message}, status_code=error.status)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"The request can't be understood: {error!r}"}, status_code=400)
        simulator.deliveries_wanted.set()
        if is_form and request.method == "POST" and origin is not None:
            return RedirectResponse("/", status_code=303)
        return JSONResponse(answer)

    return endpoint


def _is_own_page(request: Request, origin: str | None) -> bool:
    """No page but the simulator's own, and not one whose name was made to point to this machine."""
    name = request.url.hostname or ""
    if name != "localhost" and not _is_loopback(name):
        return False
    return origin is None or origin == str(request.base_url).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def show_state(simulator: Simulator, request: Request, given: Json) -> Json:
    """Also how a launcher sees that the simulator is up."""
    del request, given
    store = simulator.store
    rows = store.database.execute("SELECT state, count(*) AS n FROM delivery GROUP BY state").fetchall()
    return {
        "api_version": API_VERSION,
        "now": simulator.clock.now(),
        "clock_offset": simulator.clock.offset,
        "webhook": store.setting("webhook", None),
        "deliveries": {row["state"]: row["n"] for row in rows},
        "faults": store.setting("faults", []),
        "event_faults": store.setting("event_faults", []),
        "payments_to_hold": store.setting("payments_to_hold", 0),
    }


def put_webhook(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"url", "secrets": […], "enabled_events": ["*"]}`; a url of null takes it away."""
    secrets = given.get("secrets") or ([given["secret"]] if given.get("secret") else [])
    if given["url"] is not None and not (secrets and given["url"].startswith(("http://", "https://"))):
        raise ValueError("a webhook needs an http or https address and a secret")
    enabled = given.get("enabled_events") or ["*"]
    set_webhook(simulator.store, url=given["url"], secrets=secrets, enabled_events=enabled)
    return show_state(simulator, request, given)


def reset(simulator: Simulator, request: Request, given: Json) -> Json:
    """As on the first day; the webhook stays, unless `{"webhook": false}`."""
    webhook = simulator.store.setting("webhook", None)
    simulator.store.empty()
    simulator.requests.clear()
    simulator.clock.offset = 0.0
    if given.get("webhook", True):
        simulator.store.set_setting("webhook", webhook)
    return show_state(simulator, request, given)


def move_clock(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"offset": seconds}` from the machine's time, or `{"advance": seconds}` from where it is."""
    offset = given["offset"] if "offset" in given else simulator.clock.offset + given["advance"]
    simulator.move_clock(float(offset))
    settle_balance(simulator.call(origin=""))
    return show_state(simulator, request, given)


def order_fault(simulator: Simulator, request: Request, given: Json) -> Json:
    """A `Fault` for the next API calls that match."""
    fault = Fault(**given)
    if fault.how not in ("error", "disconnect", "delay", "alter") or fault.when not in ("before", "after"):
        raise ValueError("how is error, disconnect, delay or alter; when is before or after")
    add_fault(simulator.store, fault)
    return show_state(simulator, request, given)


def order_event_fault(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"how", "type": "*", "times": 1, "seconds": 0}` for the next events of that type."""
    if given["how"] not in EVENT_FAULTS:
        raise ValueError(f"how is one of {', '.join(EVENT_FAULTS)}")
    fault = {"type": "*", "times": 1, "seconds": 0, **given}
    simulator.store.set_setting("event_faults", [*simulator.store.setting("event_faults", []), fault])
    return show_state(simulator, request, given)


def clear_faults(simulator: Simulator, request: Request, given: Json) -> Json:
    for name in ("faults", "event_faults"):
        simulator.store.set_setting(name, [])
    simulator.store.set_setting("payments_to_hold", 0)
    return show_state(simulator, request, given)


def release(simulator: Simulator, request: Request, given: Json) -> Json:
    """Sends what was held, one after the other: `{"order": "made" | "reversed" | [event ids]}`."""
    del request
    rows = simulator.store.database.execute("SELECT seq, event FROM delivery WHERE state = ? ORDER BY seq", (HELD,))
    held = [(row["seq"], row["event"]) for row in rows]
    order: Any = given.get("order", "made")
    if order == "reversed":
        held.reverse()
    elif isinstance(order, list):
        held = sorted((one for one in held if one[1] in order), key=lambda one: order.index(one[1]))
    elif order != "made":
        raise ValueError("order is made, reversed or a list of event ids")
    first, lane = simulator.clock.precise_now() - len(held), max((seq for seq, _event in held), default=0)
    for place, (seq, _event) in enumerate(held):
        simulator.store.database.execute(
            "UPDATE delivery SET state = ?, due = ?, lane = ? WHERE seq = ?", (PENDING, first + place, lane, seq)
        )
    return {"released": [event for _seq, event in held]}


def redeliver(simulator: Simulator, request: Request, given: Json) -> Json:
    """The same event once more, or `{"times": n}` times, with the same id and content."""
    call = simulator.call(origin="", ids={"event": request.path_params["event"]})
    event = call.named("event")
    for _ in range(int(given.get("times", 1))):
        queue_delivery(call, event, state=PENDING, due=simulator.clock.precise_now())
    return {"redelivered": event["id"]}


def list_requests(simulator: Simulator, request: Request, given: Json) -> Json:
    """The last API calls, oldest first, without card numbers."""
    del request, given
    return {"requests": list(simulator.requests)}


def list_deliveries(simulator: Simulator, request: Request, given: Json) -> Json:
    """The last ones, newest first."""
    del request, given
    rows = simulator.store.database.execute("SELECT * FROM delivery ORDER BY seq DESC LIMIT ?", (DELIVERIES_LISTED,))
    return {"deliveries": [dict(row) for row in rows]}


def hold_payments(simulator: Simulator, request: Request, given: Json) -> Json:
    """The next `{"times": n}` payments stay in `processing` until they are settled."""
    simulator.store.set_setting("payments_to_hold", int(given.get("times", 1)))
    return show_state(simulator, request, given)


def settle_held_payment(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"succeeds": true | false}` ends `processing`."""
    call = simulator.call(origin="", ids={"payment_intent": request.path_params["payment_intent"]})
    intent = call.named("payment_intent")
    settle_payment(call, intent, None if given["succeeds"] else GENERIC)
    return present(call.store, intent)


def settle_pending_refund(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"succeeds": true | false}`; a refund that succeeded can still fail."""
    call = simulator.call(origin="", ids={"refund": request.path_params["refund"]})
    refund = call.named("refund")
    settle_refund(call, refund, succeeds=given["succeeds"])
    return present(call.store, refund)


def dispute_charge(simulator: Simulator, request: Request, given: Json) -> Json:
    """The holder disputes a charge: `{"amount", "reason"}`, of which neither must be given."""
    call = simulator.call(origin="", ids={"charge": request.path_params["charge"]})
    charge = call.named("charge")
    if charge["disputed"] or not charge["paid"]:
        raise StripeError("Only a paid charge that isn't disputed yet can be disputed.")
    return present(call.store, open_dispute(call, charge, **given))


def decide_dispute(simulator: Simulator, request: Request, given: Json) -> Json:
    """`{"verdict": "won" | "lost"}`, seen from the vendor."""
    if given["verdict"] not in ("won", "lost"):
        raise ValueError("verdict is won or lost")
    call = simulator.call(origin="", ids={"dispute": request.path_params["dispute"]})
    dispute = call.named("dispute")
    refuse_closed(dispute)
    settle_dispute(call, dispute, given["verdict"])
    return present(call.store, dispute)


def pay_out(simulator: Simulator, request: Request, given: Json) -> Json:
    """All that is on the balance goes out and arrives, without waiting for the day."""
    del request, given
    call = simulator.call(origin="")
    return {"payouts": [present(call.store, payout) for payout in settle_balance(call, at_once=True)]}


def send_payout_back(simulator: Simulator, request: Request, given: Json) -> Json:
    """The bank refuses it."""
    del given
    call = simulator.call(origin="", ids={"payout": request.path_params["payout"]})
    return present(call.store, fail_payout(call, call.named("payout")))


def _route(method: str, path: str, action: Action) -> Route:
    return Route(f"/_simulator{path}", _endpoint(action), methods=[method])


ROUTES = (
    _route("GET", "/state", show_state),
    _route("POST", "/webhook", put_webhook),
    _route("POST", "/reset", reset),
    _route("POST", "/clock", move_clock),
    _route("POST", "/faults", order_fault),
    _route("DELETE", "/faults", clear_faults),
    _route("POST", "/event_faults", order_event_fault),
    _route("GET", "/deliveries", list_deliveries),
    _route("POST", "/deliveries/release", release),
    _route("POST", "/events/{event}/redeliver", redeliver),
    _route("GET", "/requests", list_requests),
    _route("POST", "/payments/hold", hold_payments),
    _route("POST", "/payment_intents/{payment_intent}/settle", settle_held_payment),
    _route("POST", "/refunds/{refund}/settle", settle_pending_refund),
    _route("POST", "/charges/{charge}/dispute", dispute_charge),
    _route("POST", "/disputes/{dispute}/decide", decide_dispute),
    _route("POST", "/payouts", pay_out),
    _route("POST", "/payouts/{payout}/fail", send_payout_back),
)
