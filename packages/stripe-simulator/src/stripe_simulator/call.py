"""What one piece of work carries: the store, the time, who asked, and where its events go."""

from dataclasses import dataclass, field

from stripe_simulator.errors import resource_missing
from stripe_simulator.shapes import Json
from stripe_simulator.store import Store

NOUNS = {
    "customer": "customer",
    "payment_method": "PaymentMethod",
    "payment_intent": "payment_intent",
    "setup_intent": "setupintent",
    "charge": "charge",
    "refund": "refund",
    "dispute": "dispute",
    "payout": "payout",
    "event": "event",
    "balance_transaction": "balance transaction",
}
"""What Stripe calls each in "No such …"."""


@dataclass(frozen=True)
class Call:
    """`now` is Unix seconds of the simulator's clock, read once. `ids` are those of the URL, `params` the rest.

    `is_publishable` is True when a browser asks: it sees less of an intent, and must show the intent's secret.
    """

    store: Store
    now: int
    origin: str
    request_id: str | None = None
    idempotency_key: str | None = None
    is_publishable: bool = False
    ids: dict[str, str] = field(default_factory=dict)
    params: Json = field(default_factory=dict)

    def named(self, kind: str) -> Json:
        """The object of this kind that the URL names, or 404."""
        object_id = self.ids[kind]
        found = self.store.find(kind, object_id)
        if found is None:
            raise resource_missing(NOUNS[kind], object_id, param="intent" if kind.endswith("intent") else kind)
        return found

    def given(self, kind: str, object_id: str, *, param: str | None = None) -> Json:
        """The object of this kind that a parameter names, or 400."""
        found = self.store.find(kind, object_id)
        if found is None:
            raise resource_missing(NOUNS[kind], object_id, param=param or kind, status=400)
        return found
