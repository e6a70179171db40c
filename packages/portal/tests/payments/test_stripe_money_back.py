"""The boundary to Stripe: refunds, disputes, payouts and events, judged by Stripe's own description."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from keywright_portal.domain.money import Money
from keywright_portal.payments.gateway import (
    DisputeOutcome,
    GatewayError,
    RefundOutcome,
    RefundRefusedError,
)

SUM = Money(24_480, "USD")
PART = Money(10_000, "USD")


@pytest.fixture
def pay(stripe_gateway, cardholder):
    """A payment that was made with one of Stripe's test cards; its intent's id."""

    def _pay(card="pm_card_visa", amount=SUM) -> str:
        customer = stripe_gateway.create_customer(
            organization_id="org-1",
            name="Brightwater Logistics",
            email="billing@brightwater.example",
            idempotency_key=str(uuid.uuid4()),
        )
        intent = stripe_gateway.create_intent(
            amount=amount,
            customer_id=customer,
            order_id="order-1",
            save_card=False,
            idempotency_key=str(uuid.uuid4()),
        )
        cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": card})
        return intent.id

    return _pay


@pytest.fixture
def give_back(stripe_gateway):
    def _give_back(intent_id, amount=PART, *, ours="refund-1", key=None):
        return stripe_gateway.create_refund(
            intent_id=intent_id,
            amount=amount,
            refund_id=ours,
            reason="Bought twice",
            idempotency_key=key or str(uuid.uuid4()),
        )

    return _give_back


def charge_of(cardholder, intent_id):
    return str(cardholder.v1.payment_intents.retrieve(intent_id).latest_charge)


# ---- Refunds ---------------------------------------------------------------------------------------------------------


def test_a_part_goes_back_and_carries_our_id(pay, give_back, stripe_gateway):
    intent_id = pay()
    told = give_back(intent_id)
    assert (told.outcome, told.amount, told.intent_id, told.refund_id) == (
        RefundOutcome.SUCCEEDED,
        PART,
        intent_id,
        "refund-1",
    )
    assert stripe_gateway.get_refund(refund_id=told.id) == told
    assert stripe_gateway.refunds_of(intent_id=intent_id) == (told,)


def test_the_same_key_gives_back_once(pay, give_back, stripe_gateway):
    intent_id = pay()
    first, second = (give_back(intent_id, key="refund:1") for _again in range(2))
    assert first == second
    assert len(stripe_gateway.refunds_of(intent_id=intent_id)) == 1


def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(pay, give_back, stripe_gateway, simulator):
    intent_id = pay()
    simulator.fail_next(how="disconnect", when="after", method="POST", path="/v1/refunds")
    with pytest.raises(GatewayError):
        give_back(intent_id, key="refund:1")
    give_back(intent_id, key="refund:1")
    assert len(stripe_gateway.refunds_of(intent_id=intent_id)) == 1


def test_more_than_was_paid_is_refused_with_stripes_sentence(pay, give_back, stripe_gateway):
    intent_id = pay()
    with pytest.raises(RefundRefusedError) as refused:
        give_back(intent_id, SUM + Money(1, "USD"))
    assert "greater than" in refused.value.provider_message
    assert stripe_gateway.refunds_of(intent_id=intent_id) == ()


def test_a_stripe_that_is_away_is_no_refusal(pay, give_back, simulator):
    intent_id = pay()
    simulator.fail_next(how="error", method="POST", path="/v1/refunds", times=3)
    with pytest.raises(GatewayError):
        give_back(intent_id)


def test_a_refund_that_waits_and_then_fails_says_why(pay, give_back, stripe_gateway, simulator):
    told = give_back(pay("pm_card_pendingRefund"))
    assert (told.outcome, told.failure) == (RefundOutcome.PENDING, "")
    simulator.control("POST", f"/refunds/{told.id}/settle", {"succeeds": False})
    after = stripe_gateway.get_refund(refund_id=told.id)
    assert after.outcome is RefundOutcome.FAILED
    assert after.failure


def test_one_begun_in_stripes_dashboard_carries_no_id_of_ours(pay, stripe_gateway, cardholder):
    intent_id = pay()
    made = cardholder.v1.refunds.create({"payment_intent": intent_id})
    (told,) = stripe_gateway.refunds_of(intent_id=intent_id)
    assert (told.id, told.amount, told.refund_id) == (made.id, SUM, "")


def test_a_charge_says_whose_it_is_and_what_went_back(pay, give_back, stripe_gateway, cardholder):
    intent_id = pay()
    give_back(intent_id)
    charge = stripe_gateway.get_charge(charge_id=charge_of(cardholder, intent_id))
    assert (charge.intent_id, charge.amount, charge.refunded, charge.disputed) == (intent_id, SUM, PART, False)


# ---- Disputes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "end"), [("winning_evidence", DisputeOutcome.WON), ("losing_evidence", DisputeOutcome.LOST)]
)
def test_a_dispute_opens_and_ends(pay, stripe_gateway, cardholder, evidence, end):
    intent_id = pay("pm_card_createDispute")
    (raised,) = cardholder.v1.disputes.list({"payment_intent": intent_id}).data
    told = stripe_gateway.get_dispute(dispute_id=raised.id)
    assert (told.outcome, told.amount, told.intent_id) == (DisputeOutcome.OPEN, SUM, intent_id)
    assert told.reason == raised.reason
    assert told.opened_at == datetime.fromtimestamp(raised.created, tz=UTC)
    cardholder.v1.disputes.update(raised.id, {"evidence": {"uncategorized_text": evidence}, "submit": True})
    assert stripe_gateway.get_dispute(dispute_id=raised.id).outcome is end


# ---- Payouts and events ----------------------------------------------------------------------------------------------


def test_a_payouts_entries_add_up_and_name_their_payments(pay, give_back, stripe_gateway, simulator, cardholder):
    first, second = pay(), pay(amount=Money(500_000, "USD"))
    give_back(first)
    simulator.control("POST", "/payouts", {})
    (payout,) = cardholder.v1.payouts.list().data
    day = datetime.fromtimestamp(payout.arrival_date, tz=UTC).date()
    entries = list(stripe_gateway.payout_entries(since=day, until=day + timedelta(days=1)))
    assert {entry.payout_id for entry in entries} == {payout.id}
    assert sum(entry.net.amount for entry in entries) == payout.amount
    assert all(entry.net == entry.gross - entry.fee for entry in entries)
    assert sorted((entry.kind, entry.gross.amount, entry.intent_id) for entry in entries) == sorted(
        [("charge", SUM.amount, first), ("charge", 500_000, second), ("refund", -PART.amount, first)]
    )
    assert list(stripe_gateway.payout_entries(since=day - timedelta(days=9), until=day)) == []


def test_events_are_told_that_were_never_delivered(pay, give_back, stripe_gateway, cardholder):
    intent_id = pay()
    began = datetime.now(tz=UTC) - timedelta(minutes=5)
    told = give_back(intent_id)
    events = list(stripe_gateway.events_since(since=began, types={"refund.created", "charge.refunded"}))
    assert sorted((event.type, event.object_id) for event in events) == sorted(
        [("refund.created", told.id), ("charge.refunded", charge_of(cardholder, intent_id))]
    )
    assert list(stripe_gateway.events_since(since=began + timedelta(days=1), types={"refund.created"})) == []
