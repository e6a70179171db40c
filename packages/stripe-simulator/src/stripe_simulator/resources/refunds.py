"""Refunds: money back to the card, at once, later, or not after all."""

from stripe_simulator.call import Call
from stripe_simulator.cards import BY_NUMBER, RefundCourse
from stripe_simulator.errors import StripeError, refused_parameter
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.money import written
from stripe_simulator.parameters import (
    CREATED,
    EXPAND,
    PAGE,
    Shape,
    integer,
    merge_metadata,
    metadata,
    one_of,
    text,
)
from stripe_simulator.resources import balance
from stripe_simulator.shapes import Json
from stripe_simulator.transitions import FAILED, PENDING, REFUND, SUCCEEDED, Step, take

CREATE: Shape = {
    **EXPAND,
    "amount": integer,
    "charge": text,
    "payment_intent": text,
    "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": metadata,
}
UPDATE: Shape = {**EXPAND, "metadata": metadata}
RETRIEVE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "charge": text, "payment_intent": text}


def retrieve_refund(call: Call) -> Json:
    return call.named("refund")


def list_refunds(call: Call) -> Json:
    where = {"charge =": call.params.get("charge"), "payment_intent =": call.params.get("payment_intent")}
    return list_of(call, "refund", url="/v1/refunds", where=where)


def update_refund(call: Call) -> Json:
    refund = call.named("refund")
    if "metadata" in call.params:
        refund["metadata"] = merge_metadata(refund["metadata"], call.params["metadata"])
        call.store.save(refund)
        emit(call, "refund.updated", refund, previous={})
    return refund


def create_refund(call: Call) -> Json:
    """The answer is the refund as it was made, also for the card whose refund fails afterwards. One that is pending
    waits for the control plane, so that a test can look at it.
    """
    charge = _charge_to_refund(call)
    amount = _amount_to_refund(call, charge)
    refund = call.store.add(
        {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": call.now,
            "currency": charge["currency"],
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": merge_metadata({}, call.params.get("metadata") or {}),
            "payment_intent": charge["payment_intent"],
            "reason": call.params.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": SUCCEEDED,
            "transfer_reversal": None,
        }
    )
    transaction = balance.record(
        call, kind="refund", amount=-amount, fee=0, currency=charge["currency"], source=refund["id"]
    )
    refund["balance_transaction"] = transaction["id"]
    if course_of(call, charge) is RefundCourse.PENDING_FIRST:
        refund["status"] = PENDING
        refund["pending_reason"] = "processing"
    call.store.save(refund)
    _count_refunded(call, charge, amount)
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge, previous={"amount_refunded": charge["amount_refunded"] - amount})
    answer = dict(refund)
    if course_of(call, charge) is RefundCourse.FAILS_LATER:
        settle_refund(call, refund, succeeds=False)
    return answer


def course_of(call: Call, charge: Json) -> RefundCourse:
    method = call.store.find("payment_method", charge["payment_method"])
    return BY_NUMBER[method["_number"]].refund if method else RefundCourse.AT_ONCE


def settle_refund(call: Call, refund: Json, *, succeeds: bool) -> None:
    """The bank's last word. A failed refund puts the money back on the balance and the charge."""
    before = refund["status"]
    take(REFUND, refund, Step.SUCCEED if succeeds else Step.DECLINE)
    refund.pop("pending_reason", None)
    if refund["status"] == FAILED:
        transaction = balance.record(
            call,
            kind="refund_failure",
            amount=refund["amount"],
            fee=0,
            currency=refund["currency"],
            source=refund["id"],
        )
        refund["failure_balance_transaction"] = transaction["id"]
        refund["failure_reason"] = "expired_or_canceled_card"
        charge = call.given("charge", refund["charge"])
        _count_refunded(call, charge, -refund["amount"])
    call.store.save(refund)
    emit(call, "refund.updated", refund, previous={"status": before})
    emit(call, "charge.refund.updated", refund, previous={"status": before})
    if refund["status"] == FAILED:
        emit(call, "refund.failed", refund)


def _charge_to_refund(call: Call) -> Json:
    charge_id, intent_id = call.params.get("charge"), call.params.get("payment_intent")
    if (charge_id is None) == (intent_id is None):
        raise refused_parameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            param="charge",
            code="parameter_missing",
        )
    if intent_id is not None:
        intent = call.given("payment_intent", intent_id)
        charge_id = intent["latest_charge"] if intent["status"] == SUCCEEDED else None
        if charge_id is None:
            raise StripeError(
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
    charge = call.given("charge", charge_id or "")
    if not charge["paid"]:
        raise StripeError(f"Charge {charge['id']} has not been paid, so it can't be refunded.", param="charge")
    if charge["disputed"]:
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    return charge


def _amount_to_refund(call: Call, charge: Json) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = call.params.get("amount")
    if amount is None:
        return int(left)
    if amount < 1:
        raise refused_parameter(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    if amount > left:
        asked, available = written(amount, charge["currency"]), written(left, charge["currency"])
        raise StripeError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({available})", param="amount"
        )
    return int(amount)


def _count_refunded(call: Call, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.store.save(charge)
