"""Balance transactions: what a charge, refund or dispute does to the account's balance, fee included."""

from stripe_simulator.call import Call
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, text
from stripe_simulator.shapes import Json

RETRIEVE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "type": text, "source": text}

FEE_PER_THOUSAND, FEE_FIXED = 29, 30
"""2.9 % and 30 minor units: Stripe's list price for a card."""
DISPUTE_FEE = 1500
AVAILABLE_AFTER = 2 * 24 * 3600
"""Seconds until the money can be paid out."""


def card_fee(amount: int) -> int:
    """Rounded half up, in minor units."""
    return (amount * FEE_PER_THOUSAND + 500) // 1000 + FEE_FIXED


def record(call: Call, *, kind: str, amount: int, fee: int, currency: str, source: str) -> Json:
    """`amount` is signed: what leaves the balance is negative. `kind` is `charge`, `refund`, `refund_failure` or
    `adjustment`.
    """
    fees = [{"amount": fee, "application": None, "currency": currency, "description": "Stripe processing fees"}]
    return call.store.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": call.now + AVAILABLE_AFTER,
            "balance_type": "payments",
            "created": call.now,
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [{**one, "type": "stripe_fee"} for one in fees if fee],
            "net": amount - fee,
            "reporting_category": {"adjustment": "dispute"}.get(kind, kind),
            "source": source,
            "status": "pending",
            "type": kind,
        }
    )


def retrieve_balance_transaction(call: Call) -> Json:
    return call.named("balance_transaction")


def list_balance_transactions(call: Call) -> Json:
    where = {"type =": call.params.get("type"), "source =": call.params.get("source")}
    return list_of(call, "balance_transaction", url="/v1/balance_transactions", where=where)
