from typing import Any

import pytest
import stripe

from simulator import SimulatorProcess


def paid(client: stripe.StripeClient, token: str = "pm_card_visa") -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "payment_method": token,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )


def event_types(client: stripe.StripeClient, *, about: str = "") -> list[str]:
    """Oldest first."""
    events = client.v1.events.list({"limit": 100}).data
    return [event.type for event in reversed(events) if about in event.type]


def test_a_charge_is_refunded_in_parts_up_to_its_amount(client: stripe.StripeClient):
    intent = paid(client)
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000, "metadata": {"note": "7"}})
    assert (part.status, part.amount, part.metadata.to_dict()) == ("succeeded", 4_000, {"note": "7"})
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (4_000, False)
    with pytest.raises(stripe.InvalidRequestError, match=r"Refund amount \(\$60\.01\) is greater"):
        client.v1.refunds.create({"charge": charge.id, "amount": 6_001})
    rest = client.v1.refunds.create({"charge": charge.id, "reason": "requested_by_customer"})
    assert rest.amount == 6_000
    charge = client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (10_000, True)
    assert charge.refunds is not None
    assert [refund.id for refund in charge.refunds.data] == [rest.id, part.id]
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.refunds.create({"charge": charge.id})
    assert raised.value.code == "charge_already_refunded"
    assert event_types(client, about="refund") == ["refund.created", "charge.refunded"] * 2


def test_a_pending_refund_ends_when_the_bank_says_so(client: stripe.StripeClient, simulator: SimulatorProcess):
    good, bad = paid(client, "pm_card_pendingRefund"), paid(client, "pm_card_pendingRefund")
    refunds = [client.v1.refunds.create({"payment_intent": intent.id}) for intent in (good, bad)]
    assert [refund.status for refund in refunds] == ["pending", "pending"]
    simulator.control("POST", f"/refunds/{refunds[0].id}/settle", {"succeeds": True})
    simulator.control("POST", f"/refunds/{refunds[1].id}/settle", {"succeeds": False})
    assert client.v1.refunds.retrieve(refunds[0].id).status == "succeeded"
    failed = client.v1.refunds.retrieve(refunds[1].id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    charge = client.v1.charges.retrieve(str(bad.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert event_types(client, about="refund.failed") == ["refund.failed"]


def test_a_refund_can_fail_after_it_was_done(client: stripe.StripeClient):
    intent = paid(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0


@pytest.mark.parametrize("params", [{}, {"charge": "ch_1", "payment_intent": "pi_1"}, {"charge": "ch_missing"}])
def test_a_refund_of_nothing(client: stripe.StripeClient, params: Any):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.refunds.create(params)
    assert raised.value.http_status == 400


def test_an_unpaid_intent_is_not_refunded(client: stripe.StripeClient):
    intent = client.v1.payment_intents.create({"amount": 5000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})
    assert client.v1.refunds.list().data == []


def test_the_disputed_card_pays_then_takes_its_money_back(client: stripe.StripeClient):
    intent = paid(client, "pm_card_createDispute")
    (dispute,) = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10_000)
    assert dispute.balance_transactions[0].net == -11_500
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.disputed, charge.paid) == (True, True)
    with pytest.raises(stripe.InvalidRequestError) as raised:
        client.v1.refunds.create({"charge": charge.id})
    assert raised.value.code == "charge_disputed"
    lost = client.v1.disputes.close(dispute.id)
    assert lost.status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.close(dispute.id)
    types = event_types(client)
    assert types[-4:] == [
        "payment_intent.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


def test_evidence_wins_a_dispute(client: stripe.StripeClient):
    intent = paid(client, "pm_card_createDispute")
    (dispute,) = client.v1.disputes.list({"charge": str(intent.latest_charge)}).data
    won = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert (won.status, won.evidence_details.submission_count) == ("won", 1)
    assert [transaction.amount for transaction in won.balance_transactions] == [-10_000, 10_000]


def test_the_control_plane_disputes_and_decides(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = paid(client)
    dispute = simulator.control("POST", f"/charges/{intent.latest_charge}/dispute", {})
    simulator.control("POST", f"/disputes/{dispute['id']}/decide", {"verdict": "won"})
    assert client.v1.disputes.retrieve(dispute["id"]).status == "won"


def test_a_dispute_can_be_about_a_part_and_has_a_reason(client: stripe.StripeClient, simulator: SimulatorProcess):
    path = f"/charges/{paid(client).latest_charge}/dispute"
    for wrong in ({"amount": 10_001}, {"amount": 0}, {"reason": "bad mood"}, {"colour": "red"}):
        with pytest.raises(AssertionError, match="400"):
            simulator.control("POST", path, wrong)
    assert client.v1.disputes.list().data == []
    made = simulator.control("POST", path, {"amount": 4_000, "reason": "product_not_received"})
    dispute = client.v1.disputes.retrieve(made["id"])
    assert (dispute.amount, dispute.reason) == (4_000, "product_not_received")
    assert [one.amount for one in dispute.balance_transactions] == [-4_000]
