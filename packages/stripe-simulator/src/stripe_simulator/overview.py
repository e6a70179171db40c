"""The page at `/`: payments, what went back, payouts, events and deliveries, newest first. Its buttons are what the
world outside does: a holder disputes, a bank decides, an event comes again.
"""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stripe_simulator.money import written
from stripe_simulator.page import Markup, element, joined, page
from stripe_simulator.resources.disputes import CLOSED
from stripe_simulator.shapes import Json
from stripe_simulator.simulator import Simulator
from stripe_simulator.transitions import PENDING

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
        charges = {intent["latest_charge"]: store.find("charge", intent["latest_charge"] or "") for intent in payments}
        backs = [thing for kind in ("refund", "dispute") for thing in store.page(kind, limit=ROWS_SHOWN)[0]]
        payouts, _more = store.page("payout", limit=ROWS_SHOWN)
    told = f"Events go to {webhook['url']}." if webhook else "No webhook is set, so events go nowhere."
    content = element(
        "main",
        element("h1", "Stripe simulator"),
        element("p", f"No money moves here. {told} The simulator’s time is {_time(simulator.clock.now())} UTC."),
        _section(
            "Payments",
            ("Payment", "Amount", "Status", "Last error", "Created", "As its holder"),
            [_payment_cells(intent, charges[intent["latest_charge"]]) for intent in payments],
            "No payment yet. It appears here when a customer comes to the payment page.",
        ),
        _section(
            "Refunds and disputes",
            ("Refund or dispute", "Amount", "Status", "Payment", "Created", "As the bank"),
            [_back_cells(thing) for thing in sorted(backs, key=lambda thing: thing["created"], reverse=True)],
            "No money went back yet. A refund appears here, and a payment that its holder disputed.",
        ),
        _section(
            "Payouts",
            ("Payout", "Amount", "Status", "Arrives", "Created"),
            [_payout_cells(payout) for payout in payouts],
            "No payout yet. Money goes to the vendor’s bank once a day, two days after it was paid.",
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
    """The roles are said, since on a narrow page a row is laid out as a list, and browsers then forget them."""
    name = title.lower().replace(" ", "-")
    if not rows:
        return element("section", element("h2", title, id=name), element("p", when_empty, class_="empty"))
    head = element("tr", *(element("th", text, scope="col", role="columnheader") for text in heads), role="row")
    lines = (
        element(
            "tr",
            *(element("td", cell, role="cell", data_head=text) for text, cell in zip(heads, row, strict=True)),
            role="row",
        )
        for row in rows
    )
    table = element(
        "table",
        element("thead", head, role="rowgroup"),
        element("tbody", *lines, role="rowgroup"),
        role="table",
        aria_labelledby=name,
    )
    scrolled = element("div", table, class_="scroll", tabindex="0", role="region", aria_labelledby=name)
    return element("section", element("h2", title, id=name), scrolled)


def _payment_cells(intent: Json, charge: Json | None) -> tuple[object, ...]:
    error = intent["last_payment_error"]
    reason = (error.get("decline_code") or error["code"]) if error else "—"
    amount = written(intent["amount"], intent["currency"])
    action: Markup | str = "—"
    if charge is not None and charge["paid"] and not charge["disputed"]:
        action = _button("Dispute", f"charges/{charge['id']}/dispute", about=intent["id"])
    return _code(intent["id"]), amount, intent["status"], reason, _time(intent["created"]), action


def _back_cells(thing: Json) -> tuple[object, ...]:
    amount, path = written(thing["amount"], thing["currency"]), f"{thing['object']}s/{thing['id']}"
    action: Markup | str = "—"
    if thing["object"] == "dispute" and thing["status"] not in CLOSED:
        action = joined(
            _button(label, f"{path}/decide", about=thing["id"], verdict=verdict)
            for label, verdict in (("Won", "won"), ("Lost", "lost"))
        )
    elif thing["object"] == "refund" and thing["status"] == PENDING:
        action = joined(
            _button(label, f"{path}/settle", about=thing["id"], succeeds=succeeds)
            for label, succeeds in (("Pay it", "true"), ("Refuse it", ""))
        )
    return _code(thing["id"]), amount, thing["status"], _code(thing["payment_intent"]), _time(thing["created"]), action


def _payout_cells(payout: Json) -> tuple[object, ...]:
    arrives = datetime.fromtimestamp(payout["arrival_date"], UTC).strftime("%-d %b %Y")
    amount = written(payout["amount"], payout["currency"])
    return _code(payout["id"]), amount, payout["status"], arrives, _time(payout["created"])


def _event_cells(event: Json) -> tuple[object, ...]:
    about = event["data"]["object"].get("id", "—")
    button = _button("Redeliver", f"events/{event['id']}/redeliver", about=f"{event['type']} {event['id']}")
    return _code(event["id"]), event["type"], _code(about), _time(event["created"]), button


def _button(label: str, path: str, *, about: str, **values: str) -> Markup:
    """Does something by the control plane; `about` says to what, for who can't see its row."""
    hidden = (element("input", type="hidden", name=name, value=value) for name, value in values.items())
    button = element("button", label, type="submit", aria_label=f"{label}: {about}")
    return element("form", *hidden, button, method="post", action=f"/_simulator/{path}")


def _code(text: str) -> Markup:
    return element("code", text)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y %H:%M:%S")
