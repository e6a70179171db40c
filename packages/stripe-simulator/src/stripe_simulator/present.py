"""How an object leaves the simulator: fields that can be expanded are ids unless asked for, and a browser sees less."""

from typing import Any

from stripe_simulator.errors import StripeError
from stripe_simulator.shapes import Json
from stripe_simulator.store import Store

EXPANDABLE: dict[str, dict[str, str]] = {
    "customer": {},
    "payment_method": {"customer": "customer"},
    "payment_intent": {"customer": "customer", "payment_method": "payment_method", "latest_charge": "charge"},
    "setup_intent": {"customer": "customer", "payment_method": "payment_method", "latest_attempt": "setup_attempt"},
    "setup_attempt": {"customer": "customer", "payment_method": "payment_method", "setup_intent": "setup_intent"},
    "charge": {
        "customer": "customer",
        "payment_intent": "payment_intent",
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "refund": {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {"balance_transaction": "balance_transaction", "failure_balance_transaction": "balance_transaction"},
    "balance_transaction": {"source": "*"},
    "event": {},
    "invoice_settings": {"default_payment_method": "payment_method"},
}
"""Field → kind (`*`: any), for each kind of object and for the one mapping within an object that has such a field."""

DEEPEST_EXPANSION = 4
"""Stripe's limit."""
REFUNDS_SHOWN = 10

SEEN_BY_BROWSER = {
    "payment_intent": frozenset(
        [
            "id",
            "object",
            "amount",
            "amount_details",
            "automatic_payment_methods",
            "canceled_at",
            "cancellation_reason",
            "capture_method",
            "client_secret",
            "confirmation_method",
            "created",
            "currency",
            "description",
            "last_payment_error",
            "livemode",
            "next_action",
            "payment_method",
            "payment_method_types",
            "processing",
            "receipt_email",
            "setup_future_usage",
            "shipping",
            "status",
        ]
    ),
    "setup_intent": frozenset(
        [
            "id",
            "object",
            "automatic_payment_methods",
            "cancellation_reason",
            "client_secret",
            "created",
            "description",
            "last_setup_error",
            "livemode",
            "next_action",
            "payment_method",
            "payment_method_types",
            "status",
            "usage",
        ]
    ),
}
"""What Stripe shows to a publishable key: neither the customer nor the charge nor our metadata."""


def present(store: Store, thing: Json, *, expand: list[str] | None = None, is_publishable: bool = False) -> Json:
    """A copy to send. Keys that begin with an underscore are the simulator's own and stay here."""
    shown = _public(thing)
    for path in expand or []:
        parts = path.split(".")
        if len(parts) > DEEPEST_EXPANSION + (parts[0] == "data"):
            raise StripeError(f"You cannot expand more than {DEEPEST_EXPANSION} levels of a property ({path}).")
        _expand(store, shown, parts, path=path)
    return narrow(shown) if is_publishable else shown


def narrow(shown: Any) -> Any:
    """What a browser may see of it, at any depth: an error carries its intent."""
    if isinstance(shown, list):
        return [narrow(part) for part in shown]
    if not isinstance(shown, dict):
        return shown
    visible = SEEN_BY_BROWSER.get(shown.get("object", ""))
    return {key: narrow(value) for key, value in shown.items() if visible is None or key in visible}


def public(value: Any) -> Any:
    """The value without the simulator's own keys, at any depth."""
    if isinstance(value, dict):
        return _public(value)
    return [public(part) for part in value] if isinstance(value, list) else value


def _public(thing: Json) -> Json:
    return {key: public(value) for key, value in thing.items() if not key.startswith("_")}


def _expand(store: Store, shown: Json, parts: list[str], *, path: str, kind: str | None = None) -> None:
    field, rest = parts[0], parts[1:]
    kind = kind or shown.get("object", "")
    if kind == "list":
        if field != "data" or not rest:
            raise _not_expandable(path)
        for item in shown["data"]:
            _expand(store, item, rest, path=path)
        return
    if kind == "charge" and field == "refunds" and "refunds" not in shown:
        shown["refunds"] = _refunds_of(store, shown["id"])
    elif field == "invoice_settings" and rest:
        _expand(store, shown[field], rest, path=path, kind=field)
        return
    elif field not in EXPANDABLE.get(kind, {}):
        raise _not_expandable(path)
    elif isinstance(shown.get(field), str):
        wanted = EXPANDABLE[kind][field]
        found = store.find_any(shown[field]) if wanted == "*" else store.find(wanted, shown[field])
        shown[field] = _public(found) if found else shown[field]
    if rest and isinstance(shown.get(field), dict):
        _expand(store, shown[field], rest, path=path)


def _refunds_of(store: Store, charge_id: str) -> Json:
    found, has_more = store.page("refund", limit=REFUNDS_SHOWN, where={"charge =": charge_id})
    data = [_public(refund) for refund in found]
    return {"object": "list", "data": data, "has_more": has_more, "url": f"/v1/charges/{charge_id}/refunds"}


def _not_expandable(path: str) -> StripeError:
    return StripeError(f"This property cannot be expanded ({path}).", is_replayed=False)
