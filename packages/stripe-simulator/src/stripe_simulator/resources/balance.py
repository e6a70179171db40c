"""Balance transactions: what a charge, refund or dispute does to the account's balance, fee included."""

from stripe_simulator.call import Call
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, text
from stripe_simulator.shapes import Json

RETRIEVE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "currency": text, "payout": text, "source": text, "type": text}

PENDING, AVAILABLE = "pending", "available"

FEE_PER_THOUSAND, FEE_FIXED = 29, 30
"""2.9 % and 30 minor units: Stripe's list price for a card."""
DISPUTE_FEE = 1500
AVAILABLE_AFTER = 2 * 24 * 3600
"""Seconds until the money can be paid out."""


def card_fee(amount: int) -> int:
    """Rounded half up, in minor units."""
    return (amount * FEE_PER_THOUSAND + 500) // 1000 + FEE_FIXED


def record(call: Call, *, kind: str, amount: int, fee: int, currency: str, source: str) -> Json:
    """`amount` is signed: what leaves the balance is negative. `kind` is `charge`, `refund`, `refund_failure`,
    `adjustment` (a dispute), `payout` or `payout_failure`.
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
            "reporting_category": _category(kind, amount),
            "source": source,
            "status": PENDING,
            "type": kind,
            "_payout": "",
        }
    )


def _category(kind: str, amount: int) -> str:
    """Stripe's name in its reports, which tells money that a dispute took from money that it gave back."""
    if kind == "adjustment":
        return "dispute" if amount < 0 else "dispute_reversal"
    return {"payout_failure": "payout_reversal"}.get(kind, kind)


def make_available(call: Call, *, at_once: bool) -> None:
    due = {} if at_once else {"available_on <=": call.now}
    for transaction in call.store.all("balance_transaction", where={"status =": PENDING, **due}):
        transaction["status"] = AVAILABLE
        call.store.save(transaction)


def unpaid(call: Call) -> list[Json]:
    """What is available and went out with no payout yet, oldest first."""
    return call.store.all("balance_transaction", where={"_payout =": "", "status =": AVAILABLE})


def retrieve_balance_transaction(call: Call) -> Json:
    return call.named("balance_transaction")


def list_balance_transactions(call: Call) -> Json:
    """With `payout`, what went out with that one, the payout's own line among them."""
    payout = call.params.get("payout")
    where = {f"{name} =": call.params.get(name) for name in ("currency", "source", "type")}
    where["_payout ="] = call.given("payout", payout)["id"] if payout else None
    return list_of(call, "balance_transaction", url="/v1/balance_transactions", where=where)
