"""What is on the balance goes to the vendor's bank: by itself once a day, or at once when the control plane says so."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import stripe

from simulator import SimulatorProcess
from stripe_simulator.resources.balance import AVAILABLE_AFTER, card_fee

DAY = 24 * 3600


def pay(client: stripe.StripeClient, amount: int = 10_000, currency: str = "usd") -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": currency,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )


def lines_of(client: stripe.StripeClient, payout: stripe.Payout) -> list[tuple[str, int, str]]:
    """Oldest first: the type, what it does to the balance, and what it is about."""
    listed = client.v1.balance_transactions.list({"payout": payout.id, "limit": 100}).data
    return [(one.type, one.net, str(one.source)) for one in reversed(listed)]


def payout_events(client: stripe.StripeClient) -> list[str]:
    events = client.v1.events.list({"limit": 100}).data
    return [event.type for event in reversed(events) if event.type.startswith("payout.")]


def test_money_is_pending_then_available_then_paid_out(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = pay(client)
    (pending,) = client.v1.balance_transactions.list().data
    assert (pending.status, pending.net) == ("pending", 10_000 - card_fee(10_000))
    assert client.v1.payouts.list().data == []
    simulator.advance_clock(AVAILABLE_AFTER + 1)
    (payout,) = client.v1.payouts.list().data
    assert (payout.status, payout.automatic, payout.currency) == ("in_transit", True, "usd")
    assert payout.amount == pending.net
    assert client.v1.balance_transactions.retrieve(pending.id).status == "available"
    assert lines_of(client, payout) == [
        ("charge", pending.net, intent.latest_charge),
        ("payout", -pending.net, payout.id),
    ]
    assert (payout.arrival_date % DAY, payout.arrival_date > payout.created) == (0, True)
    simulator.advance_clock(DAY)
    assert client.v1.payouts.retrieve(payout.id).status == "paid"
    assert payout_events(client) == ["payout.created", "payout.reconciliation_completed", "payout.paid"]


def test_a_payout_a_currency_holds_its_charges_refunds_and_disputes(
    client: stripe.StripeClient, simulator: SimulatorProcess
):
    kept, returned, disputed, yen = pay(client), pay(client, 5_000), pay(client, 9_000), pay(client, 4_000, "jpy")
    refund = client.v1.refunds.create({"payment_intent": returned.id, "amount": 2_000})
    dispute = simulator.control("POST", f"/charges/{disputed.latest_charge}/dispute", {})
    listed = simulator.control("POST", "/payouts")["payouts"]
    assert [payout["currency"] for payout in listed] == ["jpy", "usd"]
    in_yen, in_dollars = (client.v1.payouts.retrieve(payout["id"]) for payout in listed)
    assert (in_yen.status, in_dollars.status) == ("paid", "paid")
    assert all(payout.created - DAY < payout.arrival_date <= payout.created for payout in (in_yen, in_dollars))
    assert lines_of(client, in_yen) == [
        ("charge", 4_000 - card_fee(4_000), yen.latest_charge),
        ("payout", -in_yen.amount, in_yen.id),
    ]
    assert lines_of(client, in_dollars) == [
        ("charge", 10_000 - card_fee(10_000), kept.latest_charge),
        ("charge", 5_000 - card_fee(5_000), returned.latest_charge),
        ("charge", 9_000 - card_fee(9_000), disputed.latest_charge),
        ("refund", -2_000, refund.id),
        ("adjustment", -9_000 - 1_500, dispute["id"]),
        ("payout", -in_dollars.amount, in_dollars.id),
    ]
    assert sum(net for _kind, net, _source in lines_of(client, in_dollars)) == 0
    assert simulator.control("POST", "/payouts")["payouts"] == []


def test_the_source_of_a_line_is_expanded_whatever_it_is(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = pay(client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    (payout,) = simulator.control("POST", "/payouts")["payouts"]
    listed = client.v1.balance_transactions.list({"payout": payout["id"], "expand": ["data.source"]}).data
    sources: list[Any] = [line.source for line in listed]
    assert [source.object for source in sources] == ["payout", "refund", "charge"]
    assert sources[1].payment_intent == sources[2].payment_intent == intent.id


def test_a_balance_below_zero_waits_for_charges(client: stripe.StripeClient, simulator: SimulatorProcess):
    intent = pay(client)
    simulator.control("POST", "/payouts")
    client.v1.refunds.create({"payment_intent": intent.id})
    assert simulator.control("POST", "/payouts")["payouts"] == []
    pay(client, 30_000)
    (payout,) = simulator.control("POST", "/payouts")["payouts"]
    assert payout["amount"] == 30_000 - card_fee(30_000) - 10_000


def test_a_payout_that_the_bank_sends_back_goes_out_again(client: stripe.StripeClient, simulator: SimulatorProcess):
    pay(client)
    (payout,) = simulator.control("POST", "/payouts")["payouts"]
    simulator.control("POST", f"/payouts/{payout['id']}/fail")
    failed = client.v1.payouts.retrieve(payout["id"], {"expand": ["failure_balance_transaction"]})
    back: Any = failed.failure_balance_transaction
    assert (failed.status, failed.failure_code, back.net) == ("failed", "account_closed", payout["amount"])
    with pytest.raises(AssertionError, match="failed already"):
        simulator.control("POST", f"/payouts/{payout['id']}/fail")
    (again,) = simulator.control("POST", "/payouts")["payouts"]
    assert again["amount"] == payout["amount"]
    assert [one.id for one in client.v1.payouts.list({"status": "failed"}).data] == [payout["id"]]


def test_payouts_are_listed_by_the_day_they_arrive(client: stripe.StripeClient, simulator: SimulatorProcess):
    made = []
    for _ in range(2):
        pay(client)
        simulator.advance_clock(AVAILABLE_AFTER + 1)
        made.append(client.v1.payouts.list().data[0])
    first, second = made
    assert second.arrival_date - first.arrival_date == 2 * DAY
    late = client.v1.payouts.list({"arrival_date": {"gt": first.arrival_date}}).data
    early = client.v1.payouts.list({"arrival_date": {"gte": first.arrival_date, "lt": second.arrival_date}}).data
    assert ([one.id for one in late], [one.id for one in early]) == ([second.id], [first.id])


def test_a_currency_is_paid_out_once_a_day(client: stripe.StripeClient, simulator: SimulatorProcess):
    hour = 3600
    simulator.set_clock_offset(DAY + hour - int(time.time()) % DAY)
    pay(client)
    simulator.advance_clock(hour)
    pay(client)
    simulator.advance_clock(AVAILABLE_AFTER - hour // 2)
    assert len(client.v1.payouts.list().data) == 1
    simulator.advance_clock(hour)
    assert [one.status for one in client.v1.balance_transactions.list({"type": "charge"}).data] == ["available"] * 2
    assert len(client.v1.payouts.list().data) == 1
    simulator.advance_clock(DAY)
    assert len(client.v1.payouts.list().data) == 2


def test_a_payout_comes_by_itself_when_its_time_has_come(tmp_path: Path):
    state = tmp_path / "state.sqlite3"
    running = SimulatorProcess(state=state)
    client = stripe.StripeClient("sk_test_suite", base_addresses={"api": running.origin})
    with running:
        pay(client)
    with closing(sqlite3.connect(state, isolation_level=None)) as database:
        database.execute(
            "INSERT INTO setting (name, value) VALUES ('clock_offset', ?)", (json.dumps(AVAILABLE_AFTER + 1),)
        )
    with running:
        deadline = time.monotonic() + 10
        while not client.v1.payouts.list().data and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [payout.status for payout in client.v1.payouts.list().data] == ["in_transit"]


def test_an_unknown_payout_is_no_filter(client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError, match="No such payout: 'po_1'"):
        client.v1.balance_transactions.list({"payout": "po_1"})
