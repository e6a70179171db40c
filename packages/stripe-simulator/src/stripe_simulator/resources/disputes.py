"""Disputes: the holder says that the charge is wrong, the bank takes the money back until it is settled."""

from stripe_simulator.call import Call
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, boolean, merge_metadata, metadata, nested, text
from stripe_simulator.resources import balance
from stripe_simulator.shapes import Json

WRITTEN_EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
FILED_EVIDENCE = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
RETRIEVE: Shape = EXPAND
CLOSE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "charge": text, "payment_intent": text}
UPDATE: Shape = {
    **EXPAND,
    "evidence": nested(dict.fromkeys(WRITTEN_EVIDENCE, text)),
    "metadata": metadata,
    "submit": boolean,
}

DAYS_TO_ANSWER = 9
SECONDS_TO_ANSWER = DAYS_TO_ANSWER * 24 * 3600
"""How long Stripe's test mode leaves for evidence."""
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}
"""What `uncategorized_text` must say for a verdict at once, as in Stripe's test mode."""
REASONS = (
    "bank_cannot_process",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
CLOSED = ("won", "lost")


def retrieve_dispute(call: Call) -> Json:
    return call.named("dispute")


def list_disputes(call: Call) -> Json:
    where = {"charge =": call.params.get("charge"), "payment_intent =": call.params.get("payment_intent")}
    return list_of(call, "dispute", url="/v1/disputes", where=where)


def update_dispute(call: Call) -> Json:
    dispute = call.named("dispute")
    refuse_closed(dispute)
    if "metadata" in call.params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], call.params["metadata"])
    evidence = call.params.get("evidence") or {}
    dispute["evidence"].update(evidence)
    details = dispute["evidence_details"]
    details["has_evidence"] = any(dispute["evidence"][name] for name in (*WRITTEN_EVIDENCE, *FILED_EVIDENCE))
    if evidence and call.params.get("submit") is not False:
        details["submission_count"] += 1
        dispute["status"] = "under_review"
    call.store.save(dispute)
    emit(call, "charge.dispute.updated", dispute, previous={})
    verdict = VERDICTS.get(evidence.get("uncategorized_text") or "")
    if verdict is not None and dispute["status"] == "under_review":
        settle_dispute(call, dispute, verdict)
    return dispute


def close_dispute(call: Call) -> Json:
    """The vendor accepts the loss."""
    dispute = call.named("dispute")
    refuse_closed(dispute)
    settle_dispute(call, dispute, "lost")
    return dispute


def refuse_closed(dispute: Json) -> None:
    if dispute["status"] in CLOSED:
        raise StripeError("This dispute is already closed.", code="dispute_already_closed")


def open_dispute(call: Call, charge: Json, *, amount: int | None = None, reason: str = "fraudulent") -> Json:
    """Takes the charge's money, or a part of it, back from the balance, with Stripe's fee."""
    if reason not in REASONS:
        raise StripeError(f"The reason is one of {', '.join(REASONS)}.")
    amount = charge["amount"] if amount is None else amount
    if not 1 <= amount <= charge["amount"]:
        raise StripeError("A dispute is about 1 minor unit at least and the charge's amount at most.")
    dispute_id = new_id("du")
    transaction = balance.record(
        call,
        kind="adjustment",
        amount=-amount,
        fee=balance.DISPUTE_FEE,
        currency=charge["currency"],
        source=dispute_id,
    )
    charge["disputed"] = True
    call.store.save(charge)
    dispute = call.store.add(
        {
            "id": dispute_id,
            "object": "dispute",
            "amount": amount,
            "balance_transactions": [transaction],
            "charge": charge["id"],
            "created": call.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys((*WRITTEN_EVIDENCE, *FILED_EVIDENCE)), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": call.now + SECONDS_TO_ANSWER,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "card": {
                    "brand": charge["payment_method_details"]["card"]["brand"],
                    "case_type": "chargeback",
                    "network_reason_code": "10.4",
                },
                "type": "card",
            },
            "reason": reason,
            "status": "needs_response",
        }
    )
    emit(call, "charge.dispute.created", dispute)
    emit(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def settle_dispute(call: Call, dispute: Json, verdict: str) -> None:
    """`won` gives the money back, the fee stays."""
    dispute["status"] = verdict
    if verdict == "won":
        transaction = balance.record(
            call,
            kind="adjustment",
            amount=dispute["amount"],
            fee=0,
            currency=dispute["currency"],
            source=dispute["id"],
        )
        dispute["balance_transactions"].append(transaction)
    call.store.save(dispute)
    emit(call, "charge.dispute.closed", dispute)
    if verdict == "won":
        emit(call, "charge.dispute.funds_reinstated", dispute)
