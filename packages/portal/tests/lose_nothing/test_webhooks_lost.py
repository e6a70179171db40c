"""Not one webhook arrives for three days, of purchases, refunds and disputes: the reconciler alone gets there.

Through the real boundary: StripeGateway, and the simulator in a process of its own, which delivers to nobody.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from purchases import PAID, result_of, work

from keywright_portal.billing.models import CreditNote, Dispute, DisputeState, Invoice, Refund, RefundState
from keywright_portal.jobs.schedule import JOBS
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import simulator, simulator_process  # noqa: F401 (fixtures)
from stripe_description import checked_http_client
from trial_size import trial_size

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]

BUYERS = trial_size(short=6)
LOST_FOR = timedelta(days=3)
RUNS_EVERY = timedelta(hours=6)
"""The jobs run each minute; more often than this shows nothing more."""
RECONCILERS = ("reconcile", "reconcile_money_back", "expire")
CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_visa_chargeDeclinedInsufficientFunds", "3d secure", "nothing")


@pytest.fixture
def now():
    """The provider stamps its events with this machine's time, so the portal's must be that, too."""
    return datetime.now(tz=UTC)


@pytest.fixture
def gateway(monkeypatch, simulator):  # noqa: F811 (a fixture's name)
    monkeypatch.setattr(stripe, "RequestsClient", type(checked_http_client()))
    made = StripeGateway(secret_key="sk_test_portal", api_url=simulator.origin, webhook_secrets=[])
    monkeypatch.setattr(tasks, "gateway", lambda: made)
    return made


@pytest.fixture
def cardholder(simulator):  # noqa: F811 (a fixture's name)
    return stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin})


class Days:
    """Three of them, for the portal and for the provider."""

    def __init__(self, *, began, simulator, monkeypatch):  # noqa: F811 (a fixture's name)
        self.began, self.gone, self.simulator = began, timedelta(), simulator
        monkeypatch.setattr(tasks.clock, "now", lambda: self.began + self.gone)

    def pass_by(self, of=LOST_FOR):
        """The reconcilers run; nothing else does. What they enqueue is worked off."""
        until = self.gone + of
        while self.gone < until:
            self.gone += RUNS_EVERY
            self.simulator.advance_clock(RUNS_EVERY.total_seconds())
            for name in RECONCILERS:
                getattr(tasks, name)()
            work()


@pytest.fixture
def days(now, simulator, monkeypatch):  # noqa: F811 (a fixture's name)
    return Days(began=now, simulator=simulator, monkeypatch=monkeypatch)


def try_to_pay(cardholder, simulator, intent, card):  # noqa: F811 (a fixture's name)
    """Whether the money was taken."""
    if card == "nothing":
        return False
    if card == "3d secure":
        cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_authenticationRequired"})
        return simulator.authenticate(intent.client_secret)["status"] == "succeeded"
    try:
        cardholder.v1.payment_intents.confirm(intent.id, {"payment_method": card})
    except stripe.CardError:
        return False
    return True


def test_each_reconciler_is_on_the_schedule():
    assert {f"keywright_portal.orders.tasks.{name}" for name in RECONCILERS} <= set(JOBS)


def test_every_payment_ends_in_its_license_and_every_other_order_stays_open(
    *,
    choose,
    complete,
    cardholder,
    days,
    new_buyer,
    simulator,  # noqa: F811
):
    chance, bought = random.Random(1), []
    for number in range(BUYERS):
        order = choose(by=(by := new_buyer(f"Buyer {number}")), seats=chance.randrange(1, 500))
        card = CARDS[number % len(CARDS)]
        bought.append((order, try_to_pay(cardholder, simulator, complete(order, by=by), card)))
    days.pass_by()
    for order, is_paid in bought:
        if is_paid:
            assert result_of(order) == PAID | {"sent": 1}
        else:
            assert result_of(order)["licenses"] == 0
            assert Order.objects.get(pk=order.pk).is_unfinished
    assert Invoice.objects.count() == License.objects.count() == sum(is_paid for _order, is_paid in bought)


def test_what_went_back_at_the_provider_is_credited_once(
    *,
    choose,
    complete,
    cardholder,
    days,
    new_buyer,
    simulator,  # noqa: F811
):
    """Refunds and disputes that nobody here asked for, of payments that nobody here knew of."""
    told = {}
    for number, what in enumerate(("all", "a part", "disputed and lost", "disputed and won")):
        order = choose(by=(by := new_buyer(f"Buyer {number}")))
        intent = complete(order, by=by)
        card = "pm_card_createDispute" if what.startswith("disputed") else "pm_card_visa"
        assert try_to_pay(cardholder, simulator, intent, card)
        told[what] = (order, intent)
    cardholder.v1.refunds.create({"payment_intent": told["all"][1].id})
    cardholder.v1.refunds.create({"payment_intent": told["a part"][1].id, "amount": 12_345})
    disputes = {dispute.payment_intent: dispute.id for dispute in cardholder.v1.disputes.list().data}
    for verdict in ("lost", "won"):
        dispute_id = disputes[told[f"disputed and {verdict}"][1].id]
        simulator.control("POST", f"/disputes/{dispute_id}/decide", {"verdict": verdict})
    days.pass_by()

    def credited(what):
        return sum(CreditNote.objects.filter(invoice__order_id=told[what][0].pk).values_list("gross", flat=True))

    total = told["all"][0].gross
    assert {what: credited(what) for what in told} == {
        "all": total,
        "a part": 12_345,
        "disputed and lost": total,
        "disputed and won": 0,
    }
    revoked = License.objects.exclude(revoked_at=None).values_list("organization__slug", flat=True)
    assert sorted(revoked) == ["buyer-0", "buyer-2"]
    assert set(Refund.objects.values_list("state", flat=True)) == {RefundState.SUCCEEDED}
    assert sorted(Dispute.objects.values_list("state", flat=True)) == [DisputeState.LOST, DisputeState.WON]
    assert set(Order.objects.values_list("state", flat=True)) == {OrderState.FULFILLED}


def test_without_the_reconciler_nobody_gets_anything(*, choose, complete, cardholder, days, buyer, monkeypatch):
    """The twin."""
    order = choose(by=buyer)
    cardholder.v1.payment_intents.confirm(complete(order, by=buyer).id, {"payment_method": "pm_card_visa"})
    monkeypatch.setattr(tasks, "reconcile", lambda: 0)
    days.pass_by()
    assert result_of(order)["licenses"] == 0
