"""The page at `/`: payments, events and deliveries, newest first, with a button to deliver an event again."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stripe_simulator.money import written
from stripe_simulator.page import Markup, element, page
from stripe_simulator.shapes import Json
from stripe_simulator.simulator import Simulator

ROWS_SHOWN = 50
POLICY = (
    "default-src 'none'; img-src data:; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def overview(request: Request) -> Response:
    simulator: Simulator = request.app.state.simulator
    store = simulator.store
    with store.transaction():
        payments, _more = store.page("payment_intent", limit=ROWS_SHOWN)
        events, _more = store.page("event", limit=ROWS_SHOWN)
        deliveries = store.database.execute(
            "SELECT * FROM delivery ORDER BY seq DESC LIMIT ?", (ROWS_SHOWN,)
        ).fetchall()
        webhook = store.setting("webhook", None)
    told = f"Events go to {webhook['url']}." if webhook else "No webhook is set, so events go nowhere."
    content = element(
        "main",
        element("h1", "Stripe simulator"),
        element("p", f"No money moves here. {told} The simulator’s time is {_time(simulator.clock.now())} UTC."),
        _section(
            "Payments",
            ("Payment", "Amount", "Status", "Last error", "Created"),
            [_payment_cells(intent) for intent in payments],
            "No payment yet. It appears here when a customer comes to the payment page.",
        ),
        _section(
            "Events",
            ("Event", "Type", "About", "Created", "Deliver again"),
            [_event_cells(event) for event in events],
            "No event yet. Each step of a payment makes one.",
        ),
        _section(
            "Deliveries",
            ("Event", "Type", "State", "Attempts", "Answer"),
            [
                (_code(row["event"]), row["type"], row["state"], row["attempts"], row["outcome"] or "—")
                for row in deliveries
            ],
            "No delivery yet. Events are delivered when a webhook is set.",
        ),
        class_="overview",
    )
    return HTMLResponse(page("Stripe simulator", content), headers={"Content-Security-Policy": POLICY})


def _section(title: str, heads: tuple[str, ...], rows: list[tuple[object, ...]], when_empty: str) -> Markup:
    name = title.lower()
    body: Markup
    if rows:
        body = element(
            "table",
            element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
            element("tbody", *(element("tr", *(element("td", cell) for cell in row)) for row in rows)),
            aria_labelledby=name,
        )
        body = element("div", body, class_="scroll", tabindex="0", role="region", aria_labelledby=name)
    else:
        body = element("p", when_empty, class_="empty")
    return element("section", element("h2", title, id=name), body)


def _payment_cells(intent: Json) -> tuple[object, ...]:
    error = intent["last_payment_error"]
    reason = (error.get("decline_code") or error["code"]) if error else "—"
    amount = written(intent["amount"], intent["currency"])
    return _code(intent["id"]), amount, intent["status"], reason, _time(intent["created"])


def _event_cells(event: Json) -> tuple[object, ...]:
    about = event["data"]["object"].get("id", "—")
    button = element("button", "Redeliver", type="submit", aria_label=f"Redeliver {event['type']} {event['id']}")
    form = element("form", button, method="post", action=f"/_simulator/events/{event['id']}/redeliver")
    return _code(event["id"]), event["type"], _code(about), _time(event["created"]), form


def _code(text: str) -> Markup:
    return element("code", text)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y %H:%M:%S")
