"""Charges: one for each time that a bank was asked, whether it paid or not."""

from stripe_simulator.call import Call
from stripe_simulator.cards import BY_NUMBER, Decline
from stripe_simulator.events import emit
from stripe_simulator.ids import new_id
from stripe_simulator.listing import list_of
from stripe_simulator.parameters import CREATED, EXPAND, PAGE, Shape, text
from stripe_simulator.resources import balance, disputes
from stripe_simulator.shapes import Json

RETRIEVE: Shape = EXPAND
LIST: Shape = {**PAGE, **CREATED, "customer": text, "payment_intent": text}

STATEMENT = "STRIPE SIMULATOR"


def retrieve_charge(call: Call) -> Json:
    return call.named("charge")


def list_charges(call: Call) -> Json:
    where = {"customer =": call.params.get("customer"), "payment_intent =": call.params.get("payment_intent")}
    return list_of(call, "charge", url="/v1/charges", where=where)


def capture(call: Call, intent: Json, method: Json, *, was_challenged: bool) -> Json:
    """The bank pays. A card that Stripe made for it is disputed at once."""
    charge = _add(call, intent, method, was_challenged=was_challenged, decline=None)
    transaction = balance.record(
        call,
        kind="charge",
        amount=charge["amount"],
        fee=balance.card_fee(charge["amount"]),
        currency=charge["currency"],
        source=charge["id"],
    )
    charge["balance_transaction"] = transaction["id"]
    call.store.save(charge)
    emit(call, "charge.succeeded", charge)
    return charge


def dispute_if_meant_to(call: Call, charge: Json, method: Json) -> None:
    """After the payment succeeded, as at Stripe: the holder of this card says that it wasn't them."""
    if BY_NUMBER[method["_number"]].is_disputed:
        disputes.open_dispute(call, charge)


def refuse(call: Call, intent: Json, method: Json, decline: Decline, *, was_challenged: bool) -> Json:
    """The bank doesn't pay."""
    charge = _add(call, intent, method, was_challenged=was_challenged, decline=decline)
    emit(call, "charge.failed", charge)
    return charge


def _add(call: Call, intent: Json, method: Json, *, was_challenged: bool, decline: Decline | None) -> Json:
    is_paid = decline is None
    return call.store.add(
        {
            "id": new_id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if is_paid else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": STATEMENT,
            "captured": is_paid,
            "created": call.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": _outcome(decline),
            "paid": is_paid,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": _details(intent, method, was_challenged=was_challenged, is_paid=is_paid),
            "radar_options": {},
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": intent["shipping"],
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": "succeeded" if is_paid else "failed",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def _outcome(decline: Decline | None) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if decline is None else "The bank did not return any further details.",
        "type": "authorized" if decline is None else "issuer_declined",
    }


def _details(intent: Json, method: Json, *, was_challenged: bool, is_paid: bool) -> Json:
    card = method["card"]
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    return {
        "card": {
            "amount_authorized": intent["amount"] if is_paid else None,
            "authorization_code": None,
            "brand": card["brand"],
            "checks": card["checks"],
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": card["fingerprint"],
            "funding": card["funding"],
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": card["last4"],
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": secure if was_challenged else None,
            "wallet": None,
        },
        "type": "card",
    }
