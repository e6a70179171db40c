"""Payouts: once a day, what a currency's balance has available goes to the vendor's bank, as automatic payouts do."""

from datetime import UTC, datetime, timedelta

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of, range_conditions
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, one_of, range_of_times
from stripe_simulator.resources import balance
from stripe_simulator.shapes import Json

IN_TRANSIT, PAID, FAILED = "in_transit", "paid", "failed"
RETRIEVE: Shape = EXPAND
LIST: Shape = {
    **PAGE,
    **CREATED,
    "arrival_date": range_of_times,
    "status": one_of("canceled", "failed", "in_transit", "paid", "pending"),
}
BANK_ACCOUNT = "ba_simulated"
"""The vendor's one bank account. Nothing can be read of it but its id."""
LAST_DAYS = "last_payout_days"
"""The setting that holds each currency's day of the last payout."""


def retrieve_payout(call: Call) -> Json:
    return call.named("payout")


def list_payouts(call: Call) -> Json:
    where = {"status =": call.params.get("status"), **range_conditions("arrival_date", call.params.get("arrival_date"))}
    return list_of(call, "payout", url="/v1/payouts", where=where)


def settle_balance(call: Call, *, at_once: bool = False) -> list[Json]:
    """What has come due: money becomes available, is paid out, arrives. The payouts that were made.

    `at_once` waits for no day: everything becomes available, is paid out and arrives.
    """
    balance.make_available(call, at_once=at_once)
    made = _pay_out(call, at_once=at_once)
    due = {} if at_once else {"arrival_date <=": call.now}
    for payout in call.store.all("payout", where={"status =": IN_TRANSIT, **due}):
        payout["status"] = PAID
        call.store.save(payout)
        emit(call, "payout.paid", payout, previous={"status": IN_TRANSIT})
    return made


def _pay_out(call: Call, *, at_once: bool) -> list[Json]:
    """A payout a currency, of all that is available: a balance below zero waits until charges have filled it."""
    today = datetime.fromtimestamp(call.now, UTC).date()
    waiting: dict[str, list[Json]] = {}
    for transaction in balance.unpaid(call):
        waiting.setdefault(transaction["currency"], []).append(transaction)
    last_days = call.store.setting(LAST_DAYS, {})
    made = []
    for currency, transactions in sorted(waiting.items()):
        amount = sum(transaction["net"] for transaction in transactions)
        if amount > 0 and (at_once or last_days.get(currency) != today.isoformat()):
            made.append(_make(call, amount, currency, transactions, arrives_in_days=0 if at_once else 1))
            last_days[currency] = today.isoformat()
    if made:
        call.store.set_setting(LAST_DAYS, last_days)
    return made


def _make(call: Call, amount: int, currency: str, transactions: list[Json], *, arrives_in_days: int) -> Json:
    day = datetime.fromtimestamp(call.now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    payout = call.store.add(
        {
            "id": new_id("po"),
            "object": "payout",
            "amount": amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": int((day + timedelta(days=arrives_in_days)).timestamp()),
            "automatic": True,
            "balance_transaction": None,
            "created": call.now,
            "currency": currency,
            "description": "STRIPE PAYOUT",
            "destination": BANK_ACCOUNT,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "completed",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": IN_TRANSIT,
            "trace_id": None,
            "type": "bank_account",
        }
    )
    own = balance.record(call, kind="payout", amount=-amount, fee=0, currency=currency, source=payout["id"])
    own["status"] = balance.AVAILABLE
    payout["balance_transaction"] = own["id"]
    call.store.save(payout)
    for transaction in (*transactions, own):
        transaction["_payout"] = payout["id"]
        call.store.save(transaction)
    emit(call, "payout.created", payout)
    emit(call, "payout.reconciliation_completed", payout)
    return payout


def fail_payout(call: Call, payout: Json) -> Json:
    """The bank sends it back: its amount is on the balance again and goes out with the next one."""
    if payout["status"] == FAILED:
        raise StripeError("This payout has failed already.")
    before = payout["status"]
    transaction = balance.record(
        call, kind="payout_failure", amount=payout["amount"], fee=0, currency=payout["currency"], source=payout["id"]
    )
    transaction["status"] = balance.AVAILABLE
    call.store.save(transaction)
    payout["status"] = FAILED
    payout["failure_balance_transaction"] = transaction["id"]
    payout["failure_code"] = "account_closed"
    payout["failure_message"] = "The bank account has been closed."
    call.store.save(payout)
    emit(call, "payout.failed", payout, previous={"status": before})
    return payout
